"""What every REST endpoint shares: the error envelope."""

import logging
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


def as_domain_error(error: Exception) -> DomainError | None:
    """Return the DomainError that tells what the framework's own exception means."""
    match error:
        case DomainError():
            return error
        case exceptions.ValidationError():
            return ValidationFailed(details=_details(error.detail))
        case exceptions.ParseError():
            return MalformedRequest(str(error.detail))
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return NotSignedIn(headers={"WWW-Authenticate": "Session"})
        case exceptions.PermissionDenied() | PermissionDenied():
            return Forbidden()
        case exceptions.NotFound() | Http404():
            return NotFound()
        case exceptions.MethodNotAllowed():
            return MethodNotAllowed(str(error.detail))
        case exceptions.UnsupportedMediaType():
            return UnsupportedMediaType(str(error.detail))
        case exceptions.NotAcceptable():
            return NotAcceptable(str(error.detail))
        case exceptions.Throttled():
            return RateLimited(headers={"Retry-After": str(int(error.wait or 1))})
        case exceptions.APIException():
            return Busy()
    return None


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
