"""Error answers of the framework itself: the envelope for programs, a page for people."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.api import InternalError, MalformedRequest, error_response, wants_json
from common.errors import Busy, DomainError, Forbidden, NotFound, RateLimited


def _answer(request: HttpRequest, error: DomainError, template: str) -> HttpResponse:
    if wants_json(request):
        return error_response(error)
    return render(request, template, {"error": error}, status=error.status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    return _answer(request, MalformedRequest(), "400.html")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    return _answer(request, Forbidden(), "403.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404."""
    return _answer(request, NotFound(), "404.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without telling the cause; 503 while the database cannot be reached."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        # The page of 500 is made without the database, which the ordinary pages need.
        error = Busy(retry_after=5)
        return _with_headers(_answer(request, error, "500.html"), error)
    return _answer(request, InternalError(), "500.html")


def too_many_requests(request: HttpRequest, error: RateLimited) -> HttpResponse:
    """Answer 429 with the limit's headers."""
    return _with_headers(_answer(request, error, "429.html"), error)


def busy(request: HttpRequest, error: Busy) -> HttpResponse:
    """Answer 503 with the time to wait."""
    return _with_headers(_answer(request, error, "503.html"), error)


def _with_headers(response: HttpResponse, error: DomainError) -> HttpResponse:
    for name, value in error.headers.items():
        response[name] = value
    return response
