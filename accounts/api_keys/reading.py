"""From the text of a key to who calls: at most one statement in a few seconds and process.

A key's row is kept in this process for settings.API_KEY_CACHE_SECONDS, so a revocation is felt
everywhere within that time, and at once in the process that carried it out. What is not there is
remembered too, so that made-up keys cost the database nothing.
"""

import datetime as dt
import threading
import time
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from accounts.api_keys import text
from accounts.api_keys.errors import ApiKeyExpired, ApiKeyRevoked, InvalidApiKey
from accounts.models import ApiKey
from accounts.policy import KeyCaller

_LIMIT: Final = 10_000


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key as read from the database."""

    id: int
    caller: KeyCaller
    business: str
    ends_at: dt.datetime | None
    is_revoked: bool


_kept: dict[str, tuple[float, KnownKey | None]] = {}
_lock = threading.Lock()


def find(secret: str) -> KnownKey:
    """Return the key, whatever has become of it; raises InvalidApiKey for one never made."""
    if not text.is_well_formed(secret):
        raise InvalidApiKey
    digest = text.digest(secret)
    now = time.time()
    read_at, known = _kept.get(digest, (float("-inf"), None))
    if not 0 <= now - read_at < settings.API_KEY_CACHE_SECONDS:
        known = _read(digest)
        with _lock:
            if len(_kept) >= _LIMIT:
                _kept.clear()
            _kept[digest] = (now, known)
    if known is None:
        raise InvalidApiKey
    return known


def require_usable(known: KnownKey, *, now: dt.datetime) -> None:
    """Raise ApiKeyRevoked or ApiKeyExpired for a key that is worth nothing at an aware instant."""
    if known.is_revoked:
        raise ApiKeyRevoked
    if known.ends_at is not None and known.ends_at <= now:
        raise ApiKeyExpired


def forget(digest: str) -> None:
    """Let this process read the key anew."""
    with _lock:
        _kept.pop(digest, None)


def _read(digest: str) -> KnownKey | None:
    row = ApiKey.objects.select_related("business").filter(digest=digest).first()
    if row is None:
        return None
    return KnownKey(
        id=row.pk,
        caller=KeyCaller(
            public_id=row.public_id,
            business_id=row.business_id,
            scopes=frozenset(row.scopes),
            is_live=row.kind == ApiKey.Kind.LIVE,
        ),
        business=row.business.public_id,
        ends_at=row.ends_at,
        is_revoked=row.revoked_at is not None,
    )
