"""Who calls the REST API."""

from typing import Any

from rest_framework import authentication


class SessionAuthentication(authentication.SessionAuthentication):
    """Session sign-in; names a scheme so that a missing sign-in answers 401 and not 403."""

    def authenticate_header(self, request: Any) -> str:
        """Return the scheme of the WWW-Authenticate header."""
        return "Session"
