"""Middleware that knows who the caller is."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from accounts import security_log

logger = logging.getLogger(__name__)
_FORBIDDEN, _LIMITED = 403, 429


class RefusalMiddleware:
    """Records every refusal by the access rules, whichever door gave it, in the security log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the answer; whatever transaction refused is over by now."""
        response = self.get_response(request)
        status = response.status_code
        if status == _FORBIDDEN or (status == _LIMITED and _is_sign_in(request)):
            _record(request, status)
        return response


def _record(request: HttpRequest, status: int) -> None:
    try:
        security_log.record_refusal(request, status=status)
    except DatabaseError:
        # The refusal stands whether or not it can be written down.
        logger.exception("a refusal was not recorded")


def _is_sign_in(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and settings.THROTTLED_VIEWS.get(match.view_name) == "authentication"
