"""Access and refresh tokens of a device: JWT (RFC 7519), signed with RS256.

An access token lives minutes, a refresh token weeks and works once. Both name the device by its
public id, and neither is believed by itself: each use asks, in one statement, whether the device
is signed in, its session lives and the password is the one it was signed in with. So signing a
device out, or changing the password, ends its tokens at once.
"""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any, Final, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import Device, User

Use = Literal["access", "refresh"]
_ALGORITHM: Final = "RS256"
_CLAIMS: Final = ("exp", "iat", "sub", "sid", "jti")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token of ours says."""

    user_id: str
    device_id: str
    token_id: str


@dataclass(frozen=True, slots=True)
class TokenProof:
    """What an accepted access token stands for; takes the place of the cookie's session."""

    device_id: str
    session_key: str
    session: Mapping[str, Any]


def new_token_id() -> str:
    """Return a fresh id of a token."""
    return uuid.uuid4().hex


def issue(*, device: Device, use: Use, token_id: str) -> str:
    """Return a signed token for the device; lives as long as the settings say."""
    lives = (
        settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN
        if use == "access"
        else settings.HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN
    )
    now = int(time.time())
    claims = {
        "sub": device.user.public_id,
        "sid": device.public_id,
        "jti": token_id,
        "iat": now,
        "exp": now + lives,
        "token_use": use,
    }
    return jwt.encode(claims, _private_key(), algorithm=_ALGORITHM)


def read(token: str, *, use: Use) -> Claims | None:
    """Return what a token of this use says; None for one that is forged, of another use, or old."""
    try:
        found = jwt.decode(
            token,
            _private_key().public_key(),
            algorithms=[_ALGORITHM],
            options={"require": list(_CLAIMS)},
        )
    except (jwt.PyJWTError, ValueError):
        return None
    if found.get("token_use") != use:
        return None
    return Claims(user_id=str(found["sub"]), device_id=str(found["sid"]), token_id=found["jti"])


def find_live(claims: Claims) -> tuple[Device, Mapping[str, Any]] | None:
    """Return the device the token names and its session's data, if all of it holds now."""
    data = Session.objects.filter(
        session_key=OuterRef("session_key"), expire_date__gt=timezone.now()
    ).values("session_data")
    rows = Device.objects.select_related("user").annotate(session_data=Subquery(data))
    device = rows.filter(public_id=claims.device_id, ended_at=None).first()
    if device is None or not device.session_data or device.user.public_id != claims.user_id:
        return None
    session: Mapping[str, Any] = _store().decode(device.session_data)
    return (device, session) if _is_signed_in(device.user, session) else None


def prove(token: str) -> tuple[User, TokenProof] | None:
    """Return whom an access token proves and by what; None when it is worth nothing."""
    claims = read(token, use="access")
    found = find_live(claims) if claims else None
    if found is None:
        return None
    device, session = found
    return device.user, TokenProof(device.public_id, str(device.session_key), session)


def user_of_access_token(token: str) -> User | None:
    """Return whom an access token proves now; for sockets, which ask again while they are open."""
    proven = prove(token)
    return proven[0] if proven else None


def _is_signed_in(user: User, session: Mapping[str, Any]) -> bool:
    """Say what Django's `get_user` says of a session, for a user already read."""
    known = str(session.get(HASH_SESSION_KEY, ""))
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    is_same = session.get(SESSION_KEY) == str(user.pk)
    return user.is_active and is_same and any(constant_time_compare(known, h) for h in hashes)


def _store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore()


def _private_key() -> RSAPrivateKey:
    return _load(settings.HEADLESS_JWT_PRIVATE_KEY)


@lru_cache(maxsize=2)
def _load(pem: str) -> RSAPrivateKey:
    if not pem:
        raise ImproperlyConfigured("JWT_PRIVATE_KEY must hold an RSA private key (PEM)")
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ImproperlyConfigured("JWT_PRIVATE_KEY must hold an RSA private key (PEM)")
    return key
