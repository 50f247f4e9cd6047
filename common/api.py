"""What every REST endpoint shares: the error envelope."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from common import context
from common.errors import (
    Busy,
    DomainError,
    Forbidden,
    NotFound,
    NotSignedIn,
    RateLimited,
    ValidationFailed,
)

logger = logging.getLogger(__name__)


class MalformedRequest(DomainError):
    """The body or a parameter cannot be read."""

    code = "MALFORMED_REQUEST"


class MethodNotAllowed(DomainError):
    """The address exists but not for this method."""

    code = "METHOD_NOT_ALLOWED"
    status = 405
    error = "Method not allowed"


class UnsupportedMediaType(DomainError):
    """The body is in a format this address does not read."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415
    error = "Unsupported media type"


class NotAcceptable(DomainError):
    """The answer exists in none of the formats asked for."""

    code = "NOT_ACCEPTABLE"
    status = 406
    error = "Not acceptable"


class InternalError(DomainError):
    """Something failed on our side; nothing of the cause is told."""

    code = "INTERNAL_ERROR"
    status = 500
    error = "Internal server error"
    message = "Something went wrong on our side. It has been recorded; please try again."


def _details(value: Any, field: str = "") -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [
            entry
            for name, inner in value.items()
            for entry in _details(inner, f"{field}.{name}" if field else str(name))
        ]
    if isinstance(value, list):
        return [entry for inner in value for entry in _details(inner, field)]
    return [{"field": field, "code": getattr(value, "code", "invalid"), "message": str(value)}]


_MEANINGS: tuple[tuple[type[Exception], Callable[[Any], DomainError]], ...] = (
    (exceptions.ValidationError, lambda e: ValidationFailed(details=_details(e.detail))),
    (exceptions.ParseError, lambda e: MalformedRequest(str(e.detail))),
    (exceptions.NotAuthenticated, lambda _: NotSignedIn()),
    (exceptions.AuthenticationFailed, lambda _: NotSignedIn()),
    (exceptions.PermissionDenied, lambda _: Forbidden()),
    (PermissionDenied, lambda _: Forbidden()),
    (exceptions.NotFound, lambda _: NotFound()),
    (Http404, lambda _: NotFound()),
    (exceptions.MethodNotAllowed, lambda e: MethodNotAllowed(str(e.detail))),
    (exceptions.UnsupportedMediaType, lambda e: UnsupportedMediaType(str(e.detail))),
    (exceptions.NotAcceptable, lambda e: NotAcceptable(str(e.detail))),
    (exceptions.Throttled, lambda e: RateLimited(headers={"Retry-After": str(int(e.wait or 1))})),
    (exceptions.APIException, lambda _: Busy()),
)


def as_domain_error(error: Exception) -> DomainError | None:
    """Return the DomainError that tells what the framework's own exception means."""
    if isinstance(error, DomainError):
        refusal = error
    else:
        meaning = next((make for kind, make in _MEANINGS if isinstance(error, kind)), None)
        if meaning is None:
            return None
        refusal = meaning(error)
    if isinstance(refusal, NotSignedIn):
        # RFC 9110 §15.5.2: a 401 names a scheme.
        refusal.headers.setdefault("WWW-Authenticate", "Session")
    return refusal


def exception_handler(error: Exception, info: dict[str, Any]) -> Response | None:
    """Answer every foreseen failure with the envelope; others become Django's 500 handling."""
    domain_error = as_domain_error(error)
    if domain_error is None:
        return None
    set_rollback()
    return Response(
        domain_error.envelope(context.request_id.get()),
        status=domain_error.status,
        headers=domain_error.headers,
    )


def error_response(error: DomainError) -> JsonResponse:
    """Return the envelope as a plain Django answer, for views outside the REST framework."""
    return JsonResponse(
        error.envelope(context.request_id.get()), status=error.status, headers=error.headers
    )


def wants_json(request: HttpRequest) -> bool:
    """Say whether an error at this address is told as JSON rather than as a page."""
    return request.path.startswith(("/api/", "/webhooks/", "/health"))
