"""REST: the keys of a business, for its owners. No key manages keys."""

import datetime as dt
from typing import Annotated, Any

from django.urls import path
from django.utils import timezone
from pydantic import Field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from accounts import policy, step_up
from accounts.api_keys import actions, queries
from accounts.callers import person_of
from accounts.models import ApiKey, Business, User
from common.bodies import page_body
from common.endpoints import ApiView, read
from common.errors import NotFound, NotSignedIn
from common.openapi import Output, operation, page_of
from common.pagination import paginate
from common.serializers import InputSerializer, PageQuery

State = Annotated[str, Field(json_schema_extra={"enum": list(ApiKey.State.values)})]
Kind = Annotated[str, Field(json_schema_extra={"enum": list(ApiKey.Kind.values)})]


class ApiKeyBody(TypedDict):
    """A key without its secret."""

    id: str
    business: str
    name: str
    kind: Kind
    scopes: list[str]
    prefix: str
    last4: str
    state: State
    created_at: str
    expires_at: Annotated[
        str | None, Field(description="The earlier of expiry and end of overlap.")
    ]
    last_used_at: Annotated[str | None, Field(description="To the minute.")]


class NewApiKeyBody(TypedDict):
    """A key just made."""

    key: ApiKeyBody
    secret: Annotated[str, Field(description="The key itself. It is shown here and never again.")]


class ApiKeyListQuery(PageQuery):
    """The query of the list of keys."""

    business = serializers.CharField(
        required=False, default="", max_length=60, help_text="Slug or id of one business."
    )


class ApiKeyInput(InputSerializer):
    """A key to make."""

    business = serializers.CharField(max_length=60, help_text="Slug or id.")
    name = serializers.CharField(max_length=80, help_text="What uses the key.")
    kind = serializers.ChoiceField(ApiKey.Kind.choices, required=False, default=ApiKey.Kind.LIVE)
    scopes = serializers.ListField(
        child=serializers.CharField(max_length=40),
        min_length=1,
        max_length=20,
        help_text="Of `bookings:read`, `bookings:write`, `payments:read`, `payments:write`, "
        "`refunds:write` and `catalogue:read`.",
    )
    expires_at = serializers.DateTimeField(
        required=False, default=None, allow_null=True, help_text="Left out: never."
    )


class RotateInput(InputSerializer):
    """How long the old key lives on."""

    overlap_hours = serializers.IntegerField(
        required=False, default=24, min_value=0, max_value=168, help_text="Hours; 0 ends it now."
    )


class RevokeInput(InputSerializer):
    """Why a key ends."""

    reason = serializers.CharField(required=False, default="", max_length=200)


def key_body(key: ApiKey, *, now: dt.datetime) -> ApiKeyBody:
    """Return what its owners may read of a key; `now` is aware."""
    return {
        "id": key.public_id,
        "business": key.business.public_id,
        "name": key.name,
        "kind": key.kind,
        "scopes": list(key.scopes),
        "prefix": key.prefix,
        "last4": key.last4,
        "state": key.state_at(now).value,
        "created_at": key.created_at.isoformat(),
        "expires_at": key.ends_at.isoformat() if key.ends_at else None,
        "last_used_at": key.last_used_at.isoformat() if key.last_used_at else None,
    }


def _owner(request: Request) -> User:
    person = person_of(request)
    if not isinstance(person, User):
        raise NotSignedIn
    return person


def _key_for(request: Request, verb: str, public_id: str) -> ApiKey:
    found = queries.find_key(public_id)
    if found is None:
        raise NotFound
    policy.require(_owner(request), verb, found)
    return found


class ApiKeysView(ApiView):
    """All keys the caller may see, and new ones."""

    throttle_category = "general"

    @operation(
        name="listApiKeys",
        summary="List API keys",
        description="Those of every business in which the caller may see them.",
        tag="api keys",
        query=ApiKeyListQuery,
        answers={200: page_of(ApiKeyBody)},
    )
    def get(self, request: Request) -> Response:
        """Return a page, the newest first."""
        query = read(ApiKeyListQuery, request.query_params)
        rows = policy.visible_to(_owner(request), ApiKey.objects.select_related("business"))
        if ref := query["business"]:
            name = "public_id" if ref.startswith("biz_") else "slug"
            rows = rows.filter(**{f"business__{name}": ref})
        page = paginate(
            rows,
            order=("-id",),
            scope=f"api-keys:{ref}",
            cursor=query["cursor"],
            limit=query["limit"],
        )
        now = timezone.now()
        return Response(page_body([key_body(row, now=now) for row in page.rows], page.next_cursor))

    @operation(
        name="createApiKey",
        summary="Make an API key",
        description="Owners only, within minutes of signing in (`REAUTHENTICATION_REQUIRED`). The "
        "answer holds the key itself, which is kept nowhere, so it is never replayed: a request "
        "sent twice makes two keys.",
        tag="api keys",
        body=ApiKeyInput,
        answers={201: Output(NewApiKeyBody)},
        can_conflict=True,
    )
    def post(self, request: Request) -> Response:
        """Make a key for a business the caller owns."""
        values = read(ApiKeyInput, request.data)
        person, now = _owner(request), timezone.now()
        ref = values["business"]
        name = "public_id" if ref.startswith("biz_") else "slug"
        business = Business.objects.filter(**{name: ref}).first()
        if business is None:
            raise NotFound
        policy.require_in(person, "manage", ApiKey, business)
        step_up.require_for_api(request)
        key, secret = actions.create_key(
            business=business,
            name=values["name"],
            kind=values["kind"],
            scopes_=frozenset(values["scopes"]),
            expires_at=values["expires_at"],
            creator=person,
            now=now,
        )
        return _shown_once(key, secret, now=now)


class RotateView(ApiView):
    """Replacing a key."""

    throttle_category = "general"

    @operation(
        name="rotateApiKey",
        summary="Rotate an API key",
        description="Makes a key that may do the same. The old one lives on for `overlap_hours`.",
        tag="api keys",
        body=RotateInput,
        answers={201: Output(NewApiKeyBody)},
        can_conflict=True,
    )
    def post(self, request: Request, key: str) -> Response:
        """Return the key that takes the place."""
        found, now = _key_for(request, "manage", key), timezone.now()
        values = read(RotateInput, request.data)
        step_up.require_for_api(request)
        new, secret = actions.rotate_key(
            key_id=found.pk,
            overlap=dt.timedelta(hours=values["overlap_hours"]),
            actor=_owner(request),
            now=now,
        )
        return _shown_once(new, secret, now=now)


class RevokeView(ApiView):
    """Ending a key."""

    throttle_category = "general"

    @operation(
        name="revokeApiKey",
        summary="Revoke an API key",
        description="Within seconds nobody accepts it any more. A revoked one stays as it is.",
        tag="api keys",
        body=RevokeInput,
        answers={200: Output(ApiKeyBody)},
    )
    def post(self, request: Request, key: str) -> Response:
        """End the key."""
        found, now = _key_for(request, "manage", key), timezone.now()
        values = read(RevokeInput, request.data)
        step_up.require_for_api(request)
        ended = actions.revoke_key(
            key_id=found.pk, actor=_owner(request).public_id, reason=values["reason"], now=now
        )
        return Response(key_body(ended, now=now))


def _shown_once(key: ApiKey, secret: str, *, now: dt.datetime) -> Response:
    body: dict[str, Any] = {"key": key_body(key, now=now), "secret": secret}
    return Response(body, status=201)


urlpatterns = [
    path("api-keys", ApiKeysView.as_view(), name="api_keys"),
    path("api-keys/<str:key>/rotate", RotateView.as_view(), name="api_key_rotate"),
    path("api-keys/<str:key>/revoke", RevokeView.as_view(), name="api_key_revoke"),
]
