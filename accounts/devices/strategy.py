"""How allauth's sign-in API for apps hands out tokens and exchanges them."""

from importlib import import_module
from typing import Any

from allauth.core import context
from allauth.headless.tokens.strategies.base import AbstractTokenStrategy
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.devices import actions, clients, tokens
from accounts.devices.places import country_of
from accounts.devices.sessions import current_device_id
from accounts.models import Device


class DeviceTokenStrategy(AbstractTokenStrategy):  # type: ignore[misc]  # allauth ships no types
    """One refresh token at a time for each device.

    Using a refresh token replaces it under the device's row lock; one that was used before ends
    the device, because two parties hold its tokens. So a client refreshes one request at a time.
    """

    def get_session_token(self, request: HttpRequest) -> str | None:
        """Return the session named by X-Session-Token, or by the access token."""
        named = request.headers.get("X-Session-Token")
        if named:
            return str(named)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        proven = tokens.prove(token.strip()) if scheme.lower() == "bearer" else None
        return proven[1].session_key if proven else None

    def create_session_token(self, request: HttpRequest) -> str:
        """Return the session's key, the only token while somebody signs in step by step."""
        if not request.session.session_key:
            request.session.save()
        return str(request.session.session_key)

    def lookup_session(self, session_token: str) -> SessionBase | None:
        """Return the session, unless it has ended."""
        store: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore(
            session_key=session_token
        )
        store.get(SESSION_KEY)  # reads it: a session that is gone loses its key
        return store if store.session_key else None

    def create_access_token_payload(self, request: HttpRequest) -> dict[str, Any] | None:
        """Return the first tokens of a device that has just signed in."""
        rows = Device.objects.select_related("user")
        device = rows.filter(public_id=current_device_id(request), ended_at=None).first()
        return _hand_out(device) if device is not None else None

    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        """Exchange a refresh token for new tokens; None when it is worth nothing.

        One that was exchanged before ends the device and raises an alert.
        """
        claims = tokens.read(refresh_token, use="refresh")
        if claims is None:
            return None
        request = context.request
        address = clients.address_of(request) if request is not None else None
        with transaction.atomic():
            # The lock decides between two uses of one token at a time.
            locked = Device.objects.select_for_update().filter(
                public_id=claims.device_id, ended_at=None
            )
            current = locked.values_list("refresh_id", flat=True).first()
            if current is None:
                return None
            if current != claims.token_id:
                actions.end_for_reuse(device_id=claims.device_id, address=address)
                return None
            found = tokens.find_live(claims)
            if found is None:
                return None
            device = found[0]
            device.address, device.country = address, country_of(address or "")
            device.last_seen_at = timezone.now()
            payload = _hand_out(device)
            self._prolong(str(device.session_key))
        return payload["access_token"], payload["refresh_token"]

    def _prolong(self, session_key: str) -> None:
        """Let the session live on as long as it was meant to, from now."""
        session = self.lookup_session(session_key)
        if session is not None:
            session.save()


def _hand_out(device: Device) -> dict[str, Any]:
    device.refresh_id = tokens.new_token_id()
    device.save(update_fields=["refresh_id", "last_seen_at", "address", "country"])
    return {
        "access_token": tokens.issue(device=device, use="access", token_id=tokens.new_token_id()),
        "refresh_token": tokens.issue(device=device, use="refresh", token_id=device.refresh_id),
        "expires_in": settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN,
    }
