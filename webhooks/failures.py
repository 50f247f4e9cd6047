"""Notices that failed verification: counted, limited, and told to the security log.

Only failures count: news that verifies is never refused. The counters live in the cache, shared by
all processes; with the cache gone nothing is limited and every failure still answers 403.
"""

import time

from django.conf import settings
from django.core.cache import cache

from accounts import actions as accounts
from accounts.models import SecurityEntry
from webhooks.sources import InboundRequest

WINDOW_SECONDS = 60


def count(code: str, address: str) -> bool:
    """Count one failure of an address at a gateway; True when either is over its limit."""
    by_address = _raise(f"webhooks:failed:address:{address}")
    by_gateway = _raise(f"webhooks:failed:gateway:{code}")
    _raise(f"webhooks:forged:{code}", lasts=24 * 3600, is_windowed=False)
    return (
        by_address > settings.WEBHOOK_FAILURES_PER_ADDRESS
        or by_gateway > settings.WEBHOOK_FAILURES_PER_GATEWAY
    )


def forged_last_day(code: str) -> int:
    """Return how many notices of a gateway failed verification since the count began today."""
    return int(cache.get(f"webhooks:forged:{code}", 0))


def log(code: str, endpoint_id: str, business: str, request: InboundRequest, reason: str) -> None:
    """Write a security entry: one a minute for each address and endpoint, so a flood writes few."""
    minute = int(time.time()) // WINDOW_SECONDS
    accounts.record_security(
        kind="webhook.forged",
        severity=SecurityEntry.Severity.ALERT,
        subject=f"{code}/{endpoint_id}" if endpoint_id else code,
        business=business,
        address=request.address,
        detail={"reason": reason, "bytes": len(request.body), "method": request.method},
        once_key=f"webhook.forged:{code}:{endpoint_id}:{request.address}:{minute}",
    )


def _raise(name: str, *, lasts: int = WINDOW_SECONDS * 2, is_windowed: bool = True) -> int:
    key = f"{name}:{int(time.time()) // WINDOW_SECONDS}" if is_windowed else name
    cache.add(key, 0, timeout=lasts)
    try:
        return cache.incr(key)
    except ValueError:  # the cache is silent
        return 0
