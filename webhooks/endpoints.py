"""Endpoints with their secrets, kept in this process for at most five seconds.

A failed verification may mean that a secret was rolled a moment ago, so it reads once more,
though at most once in five seconds an endpoint: a flood of forged notices reads no faster.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from webhooks.sources import Endpoint, InboundSource

FRESH_SECONDS = 5.0
_MOST = 1000


@dataclass(slots=True)
class _Kept:
    endpoint: Endpoint | None
    read_at: float
    reread_at: float = float("-inf")


_kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
_lock = threading.Lock()


def find(source: InboundSource, endpoint_id: str) -> Endpoint | None:
    """Return the endpoint, at most five seconds old; None when there is none."""
    key, now = (source.code, endpoint_id), time.monotonic()
    with _lock:
        kept = _kept.get(key)
        if kept is not None and now - kept.read_at < FRESH_SECONDS:
            return kept.endpoint
    return _read(source, endpoint_id, reread_at=kept.reread_at if kept else float("-inf"))


def find_again(source: InboundSource, endpoint_id: str) -> Endpoint | None:
    """Read the endpoint anew after a failed verification; None when that was done just now."""
    key, now = (source.code, endpoint_id), time.monotonic()
    with _lock:
        kept = _kept.get(key)
        if kept is not None and now - kept.reread_at < FRESH_SECONDS:
            return None
    return _read(source, endpoint_id, reread_at=now)


def forget() -> None:
    """Drop everything kept, as a new process would."""
    with _lock:
        _kept.clear()


def _read(source: InboundSource, endpoint_id: str, *, reread_at: float) -> Endpoint | None:
    endpoint = source.endpoint(endpoint_id)
    with _lock:
        _kept[source.code, endpoint_id] = _Kept(endpoint, time.monotonic(), reread_at)
        _kept.move_to_end((source.code, endpoint_id))
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return endpoint
