"""Who calls the REST API."""

import re
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from common.errors import Forbidden

# 22 characters of base 64 or 32 hexadecimal digits are the least that can hold 128 bits.
_CLIENT_ID: Final = re.compile(
    r"\A(?:[0-9a-fA-F-]{32,64}|(?![0-9a-fA-F-]*\Z)[A-Za-z0-9_-]{22,128})\Z"
)


class CsrfFailed(Forbidden):
    """A request with a session cookie came without the page's token."""

    code = "CSRF_FAILED"
    message = _("Send the X-CSRFToken header of the page, or sign in with a token instead.")


class SessionAuthentication(authentication.SessionAuthentication):
    """Session sign-in; names a scheme so that a missing sign-in answers 401 and not 403."""

    def authenticate_header(self, request: Any) -> str:
        """Return the scheme of the WWW-Authenticate header."""
        return "Session"

    def enforce_csrf(self, request: Any) -> None:
        """Raise CsrfFailed for an unsafe request without the token; guests have no session."""
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied:
            raise CsrfFailed from None


def principal(request: Request) -> str | None:
    """Return the label of whoever signed in; None for a guest."""
    user = request.user
    return f"user:{user.public_id}" if user is not None and user.is_authenticated else None


def client_id(request: Request) -> str | None:
    """Return the random id a guest's client sends in X-Client-Id; None when it is no such id."""
    given = request.headers.get("X-Client-Id", "")
    return given if _CLIENT_ID.match(given) else None
