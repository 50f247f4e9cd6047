"""Middleware that every request passes first."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from common import context

_ACCEPTED = re.compile(r"\A[A-Za-z0-9._-]{8,64}\Z")


class RequestContextMiddleware:
    """Give each request an id, taken from the proxy when it sends a well-formed one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the id for logs and errors, and tell it to the caller."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _ACCEPTED.match(given) else context.new_request_id()
        token = context.request_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            context.request_id.reset(token)
        response["X-Request-ID"] = request_id
        return response
