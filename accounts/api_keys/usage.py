"""When and from where a key was used, written after the answer has gone out.

A request only notes; the thread that served it writes once its answer is sent, at most once a
minute and key in each process, and not at all while somebody else holds the key's row. A first use
from a network, and the use of a key that has ended, are entries of the security log.
"""

import datetime as dt
import logging
import threading
import time
from dataclasses import dataclass
from typing import Any, Final

from django.core.signals import request_finished
from django.db import DatabaseError, connection

from accounts import actions
from accounts.api_keys.reading import KnownKey
from accounts.models import SecurityEntry

logger = logging.getLogger(__name__)
_EVERY_SECONDS: Final = 60
_LIMIT: Final = 10_000

_TOUCH: Final = """
UPDATE accounts_apikey SET last_used_at = %(at)s WHERE id = (
  SELECT id FROM accounts_apikey WHERE id = %(id)s
  AND (last_used_at IS NULL OR last_used_at <= %(before)s) FOR UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True, slots=True)
class _Use:
    key: KnownKey
    at: dt.datetime
    network: str
    is_due: bool
    is_new: bool


_pending = threading.local()
_written: dict[int, float] = {}
_networks: set[tuple[int, str]] = set()


def connect() -> None:
    """Write noted uses after each answer; repeats safely."""
    request_finished.connect(_write_noted, dispatch_uid="accounts.api_keys.usage")


def note(key: KnownKey, *, network: str, now: dt.datetime) -> None:
    """Note a use, to be written after the answer; `now` is aware."""
    age = time.time() - _written.get(key.id, float("-inf"))
    is_due = not 0 <= age < _EVERY_SECONDS
    is_new = (key.id, network) not in _networks
    if is_due or is_new:
        _pending.use = _Use(key, now, network, is_due, is_new)


def record_dead_use(key: KnownKey, *, reason: str, network: str, now: dt.datetime) -> None:
    """Record that somebody tries a key that has ended; one entry a day, key and network."""
    actions.record_security(
        kind="api_key.dead_use",
        subject=key.caller.public_id,
        business=key.business,
        address=_address(network),
        detail={"reason": reason},
        once_key=f"api_key.dead:{key.caller.public_id}:{network}:{now.date()}",
    )


def forget() -> None:
    """Forget what this process has written, as a new process would."""
    _written.clear()
    _networks.clear()


def _write_noted(**_signal: Any) -> None:
    use: _Use | None = getattr(_pending, "use", None)
    if use is None:
        return
    _pending.use = None
    try:
        _write(use)
    except DatabaseError:
        logger.warning("use of an API key not recorded", exc_info=True)


def _write(use: _Use) -> None:
    if use.is_due:
        with connection.cursor() as cursor:
            before = use.at - dt.timedelta(seconds=_EVERY_SECONDS)
            cursor.execute(_TOUCH, {"at": use.at, "before": before, "id": use.key.id})
        if len(_written) >= _LIMIT:
            _written.clear()
        _written[use.key.id] = time.time()
    if use.is_new:
        actions.record_security(
            kind="api_key.new_network",
            severity=SecurityEntry.Severity.INFO,
            subject=use.key.caller.public_id,
            business=use.key.business,
            address=_address(use.network),
            once_key=f"api_key.network:{use.key.caller.public_id}:{use.network}",
        )
        if len(_networks) >= _LIMIT:
            _networks.clear()
        _networks.add((use.key.id, use.network))


def _address(network: str) -> str | None:
    """Return the network's address; None where the connection has none (a unix socket)."""
    return None if network == "unknown" else network
