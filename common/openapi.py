"""How endpoints describe themselves in the OpenAPI document.

Answers are TypedDicts: the function that builds one is held to it by the type checker, and the
document takes its schema from it. Inputs are serializers. Every operation names the same errors.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, NotRequired, cast

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from pydantic import Field, TypeAdapter
from rest_framework.serializers import Serializer
from typing_extensions import TypedDict

from common.serializers import InputSerializer


class ErrorDetailBody(TypedDict):
    """One thing that is wrong, and where; further members depend on the code."""

    field: NotRequired[str]
    code: NotRequired[str]
    message: NotRequired[str]


class Error(TypedDict):
    """Every error answer, whatever the status."""

    success: Annotated[bool, Field(json_schema_extra={"const": False})]
    error: Annotated[str, Field(description="Short class of the error, for logs.")]
    message: Annotated[str, Field(description="A sentence for people that says what to do.")]
    code: Annotated[str, Field(description="Stable, upper case.", examples=["SLOT_UNAVAILABLE"])]
    statusCode: Annotated[int, Field(ge=400, le=599)]
    request_id: Annotated[str, Field(description="Names this request in our logs.")]
    details: NotRequired[list[ErrorDetailBody]]


# The type checker cannot follow a TypedDict whose members are known at run time only.
make_typed_dict: Callable[[str, dict[str, Any]], Any] = TypedDict  # type: ignore[assignment]  # see above


class Output:
    """The shape of an answer: a TypedDict, or a page of them."""

    def __init__(self, body: Any, *, name: str = "") -> None:
        """`name` is the component's name in the document; the type's own by default."""
        self.body = body
        self.name = name or body.__name__


def page_of(body: Any) -> Output:
    """Return the shape of a list page of the bodies."""
    name = f"{body.__name__}Page"
    return Output(make_typed_dict(name, {"data": list[body], "next_cursor": str | None}))


class OutputExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # its base is half typed
    """Lets an Output stand where drf-spectacular expects a serializer."""

    target_class = Output
    match_subclasses = True

    def get_name(self, auto_schema: Any, direction: str) -> str:
        """Return the component's name."""
        name: str = self.target.name
        return name

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        """Return the JSON schema; nested types become components of their own."""
        schema = TypeAdapter(self.target.body).json_schema(
            ref_template="#/components/schemas/{model}", mode="serialization"
        )
        for name, inner in schema.pop("$defs", {}).items():
            if name == self.target.name:
                schema = inner
                continue
            auto_schema.registry.register_on_missing(
                ResolvedComponent(  # type: ignore[no-untyped-call]  # half typed
                    name=name, type=ResolvedComponent.SCHEMA, object=Output, schema=inner
                )
            )
        return schema


class InputExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # its base is half typed
    """Says in the document that unknown fields are refused."""

    target_class = InputSerializer
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        """Return the usual schema, closed."""
        schema: dict[str, Any] = auto_schema._map_serializer(
            self.target, direction, bypass_extensions=True
        )
        return {**schema, "additionalProperties": False}


ERROR: Final = Output(Error, name="Error")
_SENTENCES: Final = {
    400: "The request is malformed or a field is wrong.",
    401: "Sign in first, or bring the booking's token.",
    403: "The object is another's, or the role does not allow this.",
    404: "There is no such object.",
    406: "Answers are JSON only.",
    409: "The object's present state does not allow this.",
    413: "The body is too large.",
    415: "Bodies are JSON only.",
    422: "The Idempotency-Key was used for another request.",
    429: "Too many requests; Retry-After says when to come back.",
    503: "Not possible right now; the same request may be sent again.",
}
_RATE_HEADERS: Final = ("RateLimit-Policy", "RateLimit")


def _example(status: int) -> OpenApiExample:
    codes = {
        400: ("VALIDATION_FAILED", "Validation failed"),
        401: ("NOT_SIGNED_IN", "Unauthorized"),
        403: ("FORBIDDEN", "Forbidden"),
        404: ("NOT_FOUND", "Not found"),
        409: ("CONFLICT", "Conflict"),
        422: ("IDEMPOTENCY_MISMATCH", "Unprocessable content"),
        429: ("RATE_LIMITED", "Too many requests"),
        503: ("BUSY", "Service unavailable"),
    }
    code, error = codes.get(status, ("BAD_REQUEST", "Bad request"))
    return OpenApiExample(
        code.lower(),
        value={
            "success": False,
            "error": error,
            "message": _SENTENCES[status],
            "code": code,
            "statusCode": status,
            "request_id": "5f0c9a1e7b3d42c68a90",
        },
        response_only=True,
        status_codes=[str(status)],
    )


def operation(
    *,
    name: str,
    summary: str,
    answers: dict[int, Output | None],
    tag: str,
    description: str = "",
    body: type[Serializer[Any]] | None = None,
    query: type[Serializer[Any]] | None = None,
    is_open: bool = False,
    takes_booking_token: bool = False,
    can_conflict: bool = False,
    may_refuse: bool = False,
    examples: Sequence[OpenApiExample] = (),
) -> Callable[[Any], Any]:
    """Describe a view's method: what goes in, what comes out, and which errors may.

    `name` is what typed clients call it. `is_open` says that nobody need be signed in,
    `may_refuse` that it still depends on who asks.
    """

    def decorate(method: Any) -> Any:
        key = getattr(method, "idempotency", None)
        statuses = [400, 404, 406, 429, 503]
        if not is_open or takes_booking_token or may_refuse or body is not None:
            statuses += [401, 403]
        if body is not None:
            statuses += [413, 415]
        if can_conflict or key:
            statuses.append(409)
        if key:
            statuses.append(422)
        parameters: list[Any] = [query] if query else []
        if key:
            parameters += [_idempotency_key(is_required=key == "required"), _CLIENT_ID]
        if takes_booking_token:
            parameters.append(_BOOKING_TOKEN)
        responses: dict[Any, Any] = {
            status: OpenApiResponse(output, description="Done.")
            if output
            else OpenApiResponse(description="Unchanged: the copy you hold is current.")
            for status, output in answers.items()
        }
        for status in sorted(statuses):
            responses[status] = OpenApiResponse(ERROR, description=_SENTENCES[status])
        is_for_guests = is_open or takes_booking_token
        signed_in: list[Any] = [{"session": []}, {"accessToken": []}]
        security = [{}, *signed_in] if is_for_guests else signed_in
        return extend_schema(
            operation_id=name,
            summary=summary,
            description=description,
            request=body,
            responses=responses,
            parameters=parameters,
            tags=[tag],
            auth=cast("list[str]", security),
            examples=[*examples, *(_example(s) for s in (400, 409, 429) if s in statuses)],
        )(method)

    return decorate


def _idempotency_key(*, is_required: bool) -> OpenApiParameter:
    return OpenApiParameter(
        "Idempotency-Key",
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]{1,255}$"},
        OpenApiParameter.HEADER,
        required=is_required,
        description="Names this request. Sent again with the same key it is carried out once and "
        "answered alike, with `Idempotent-Replayed: true`. Kept for 48 hours.",
    )


_CLIENT_ID: Final = OpenApiParameter(
    "X-Client-Id",
    {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    OpenApiParameter.HEADER,
    description="Needed beside an Idempotency-Key without signing in: a random value of 128 bits "
    "or more that this client keeps, such as 32 hexadecimal digits.",
)
_BOOKING_TOKEN: Final = OpenApiParameter(
    "X-Booking-Token",
    {"type": "string", "maxLength": 512, "pattern": "^[!-~]*$"},
    OpenApiParameter.HEADER,
    description="The token a booking's answer gave to a guest; opens that booking alone.",
)


def _tell_scope(found: dict[str, Any], scope: str | None) -> None:
    """Add the API key as a way in where a scope opens the operation."""
    if scope is None:
        return
    found["security"] = [*found.get("security", []), {"apiKey": [scope]}]
    text = f"Open to API keys with the scope `{scope}`."
    found["description"] = "\n\n".join(part for part in (found.get("description"), text) if part)


class ApiSchema(AutoSchema):
    """Adds what every answer carries: the state of the rate limit."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """Return the operation with the limit's headers on each answer."""
        found = super().get_operation(*args, **kwargs)
        if not found:
            return found
        _tell_scope(found, getattr(self.view, "key_scopes", {}).get(str(self.method)))
        category = getattr(self.view, "throttle_category", None)
        for status, response in found["responses"].items():
            headers = response.setdefault("headers", {})
            for name in _RATE_HEADERS if category else ():
                headers[name] = {"schema": {"type": "string"}, "description": f"Limit: {category}."}
            if status == "429":
                headers["Retry-After"] = {"schema": {"type": "integer"}, "description": "Seconds."}
        return found
