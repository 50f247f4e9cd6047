"""REST sign-in by `Authorization: Bearer`. A request without the header costs nothing here."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.api_keys import reading, text, usage
from accounts.api_keys.errors import InvalidApiKey, MissingScope, NotForApiKeys
from accounts.devices import tokens
from accounts.devices.seen import note_seen
from accounts.models import User
from accounts.policy import KeyCaller
from common.client_address import client_address, network_key
from common.errors import NotSignedIn


class InvalidToken(NotSignedIn):
    """The access token is forged, has run out, or its device was signed out."""

    code = "INVALID_TOKEN"
    message = _("This access token is not valid any more. Refresh it, or sign in again.")

    def __init__(self) -> None:
        """Name the scheme (RFC 6750 §3)."""
        super().__init__(headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


class BearerAuthentication(BaseAuthentication):
    """Knows a program by its API key and an app by its access token.

    A key opens the methods for which the view names a scope the key has, and what is open to
    strangers; everything else is closed to keys.
    """

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the caller and what proved it; None without the header.

        Raises InvalidToken, InvalidApiKey, ApiKeyExpired, ApiKeyRevoked, MissingScope and
        NotForApiKeys.
        """
        scheme, _space, credential = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        credential = credential.strip()
        if credential.startswith(text.PREFIX):
            return _caller_of_key(request, credential), None
        return _user_of_token(request, credential)

    def authenticate_header(self, request: Request) -> str:
        """Return the scheme of the WWW-Authenticate header."""
        return "Bearer"


def _user_of_token(request: Request, token: str) -> tuple[User, tokens.TokenProof]:
    proven = tokens.prove(token)
    if proven is None:
        raise InvalidToken
    note_seen(request._request, proven[1].device_id)
    return proven


def _caller_of_key(request: Request, secret: str) -> KeyCaller:
    key = reading.find(secret)
    network = network_key(client_address(request._request))
    now = timezone.now()
    try:
        reading.require_usable(key, now=now)
    except InvalidApiKey as refusal:
        usage.record_dead_use(key, reason=refusal.code, network=network, now=now)
        raise
    _require_scope(request, key.caller)
    usage.note(key, network=network, now=now)
    return key.caller


def _require_scope(request: Request, caller: KeyCaller) -> None:
    view = request.parser_context["view"]
    method = "GET" if request.method == "HEAD" else str(request.method)
    scope = view.key_scopes.get(method)
    is_known = method in view.open_methods or method not in view.allowed_methods
    if scope is None and not is_known:
        raise NotForApiKeys
    if scope is not None and scope not in caller.scopes:
        raise MissingScope(details=[{"field": "scope", "code": "missing", "message": scope}])
