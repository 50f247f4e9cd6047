"""Middleware that every request passes first."""

import re
from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve

from common import context, views
from common.errors import Busy

_REDIRECTS_TO_GET = (301, 302, 303)
_ACCEPTED = re.compile(r"\A[A-Za-z0-9._-]{8,64}\Z")


class RequestContextMiddleware:
    """Give each request an id, taken from the proxy when it sends a well-formed one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the id for logs and errors, and tell it to the caller."""
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if given and _ACCEPTED.match(given) else context.new_request_id()
        token = context.request_id.set(request_id)
        served = context.request.set(request)
        try:
            response = self.get_response(request)
        finally:
            context.request.reset(served)
            context.request_id.reset(token)
        response["X-Request-ID"] = request_id
        return response


class ProviderDoorMiddleware:
    """Serves settings.PROVIDER_DOORS at once; what follows in the stack is for people.

    A provider's notice has no session, language, form or page, and its views must need none of
    the middleware behind this one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Call the view of a door; pass everything else on."""
        if not request.path_info.startswith(settings.PROVIDER_DOORS):
            return self.get_response(request)
        match = request.resolver_match = resolve(request.path_info)
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


class BusyMiddleware:
    """Answers 503 where a page finds something busy: a lock, or the line for password checks.

    A form that waits and sends itself again (static/frontdesk/js/resend.js) asks with the header
    Resend. Scripts may not see a redirect, so it hears the target in Resend-Location.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; busy is answered in process_exception."""
        response = self.get_response(request)
        if "HTTP_RESEND" in request.META and response.status_code in _REDIRECTS_TO_GET:
            response.status_code = 204
            response["Resend-Location"] = response["Location"]
            del response["Location"]
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for Busy; leave everything else to its own handler."""
        return views.busy(request, exception) if isinstance(exception, Busy) else None


class ContentPolicyMiddleware(CSPMiddleware):
    """Gives pages the settings' Content-Security-Policy, and JSON the one that allows nothing.

    Building a policy takes longer than most of the other middleware together.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Set the header unless the view did."""
        if response.headers.get("Content-Type", "").startswith("application/json"):
            response.headers.setdefault(HEADER, "default-src 'none'; frame-ancestors 'none'")
            return response
        answer: HttpResponseBase = super().process_response(request, response)
        return answer
