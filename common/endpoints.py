"""The base of every REST endpoint: limits, headers, JSON, errors."""

import threading
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django.http import HttpRequest
from django.utils.translation import get_language
from rest_framework import exceptions
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer, as_serializer_error
from rest_framework.views import APIView

from common.client_address import client_address, network_key
from common.errors import DomainError, NotFound, RateLimited
from common.json_format import JsonParser, JsonRenderer
from common.throttling import CategoryThrottle, Verdict, count, limit_for


class ApiView(APIView):
    """One address of the API.

    `throttle_category` names its one rate limit. `open_methods` may be called without signing in
    (the handler then asks the access rules); those in `cors_methods` from a page of any origin,
    without credentials. `key_scopes` names the scope an API key needs for each method; others than
    these and the open ones are closed to keys.
    """

    throttle_category: ClassVar[str]
    open_methods: ClassVar[frozenset[str]] = frozenset()
    cors_methods: ClassVar[frozenset[str]] = frozenset()
    key_scopes: ClassVar[Mapping[str, str]] = {}

    parser_classes = [JsonParser]
    renderer_classes = [JsonRenderer]
    throttle_classes = [CategoryThrottle]
    metadata_class = None

    def get_permissions(self) -> list[BasePermission]:
        """Ask for sign-in unless the method is open, or is none of this address (405)."""
        method = "GET" if self.request.method == "HEAD" else str(self.request.method)
        is_open = method in self.open_methods or method not in self.allowed_methods
        return [AllowAny() if is_open else IsAuthenticated()]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count the request before anything is decided about it, refused sign-ins included."""
        self.format_kwarg = None
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(
            request
        )
        request.version = request.versioning_scheme = None
        try:
            self.perform_authentication(request)
        except (exceptions.APIException, DomainError):
            key = f"address:{network_key(client_address(request._request))}"
            verdict = count(limit_for(self.throttle_category), key)
            request._request.rate_limit = verdict  # type: ignore[attr-defined]  # read below
            if not verdict.is_allowed:
                raise RateLimited(headers=verdict.headers()) from None
            raise
        self.check_throttles(request)
        self.check_permissions(request)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Add the state of the limit; an answer that says nothing of keeping is not kept."""
        final = super().finalize_response(request, response, *args, **kwargs)
        http: HttpRequest = request._request if isinstance(request, Request) else request
        verdict: Verdict | None = getattr(http, "rate_limit", None)
        if verdict is not None:
            for name, value in verdict.headers().items():
                final.headers.setdefault(name, value)
        final.headers.setdefault("Cache-Control", "no-store")
        return final


class NotFoundView(ApiView):
    """Everything under the API's address that is nothing else."""

    throttle_category = "general"
    open_methods = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"})

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Raise NotFound whatever the method."""
        raise NotFound


def read(serializer: type[Serializer[Any]], data: Any) -> dict[str, Any]:
    """Return the checked values of a body or query; raises rest_framework's ValidationError."""
    given = data.dict() if hasattr(data, "dict") else data
    try:
        values: dict[str, Any] = _bound(serializer).run_validation(given)
    except exceptions.ValidationError as error:
        raise exceptions.ValidationError(as_serializer_error(error)) from error
    return values


class _Bound(threading.local):
    """This thread's serializers, by class and language."""

    def __init__(self) -> None:
        self.kept: dict[tuple[type[Serializer[Any]], str | None], Serializer[Any]] = {}


_instances: Final = _Bound()


def _bound(serializer: type[Serializer[Any]]) -> Serializer[Any]:
    """Keep one instance of each class: copying its declared fields takes longer than a check.

    Its limits write their sentence once, in the language of that moment and without a lock
    (rest_framework's lazy_format), so neither languages nor threads share it.
    """
    key = (serializer, get_language())
    bound = _instances.kept.get(key)
    if bound is None:
        bound = _instances.kept[key] = serializer()
    return bound
