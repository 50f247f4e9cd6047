"""Notices that failed verification: counted, limited, and told to the security log.

Only failures count: news that verifies is never refused. The counters live in the cache, shared by
all processes; with the cache gone nothing is limited and every failure still answers 403.
"""

import time
from contextlib import suppress

from django.conf import settings
from django.core.cache import cache

from accounts import actions as accounts
from accounts.models import SecurityEntry
from common import throttling
from common.client_address import network_key
from common.throttling import Limit, Verdict
from webhooks.sources import InboundRequest

WINDOW_SECONDS = 60


def count(code: str, address: str) -> Verdict:
    """Count one failure of an address at a gateway; returns the stricter of the two verdicts."""
    limits = (
        (Limit("webhook_address", settings.WEBHOOK_FAILURES_PER_ADDRESS), network_key(address)),
        (Limit("webhook_gateway", settings.WEBHOOK_FAILURES_PER_GATEWAY), code),
    )
    key = _day_key(code)
    cache.add(key, 0, timeout=2 * 24 * 3600)
    with suppress(ValueError):  # the cache is silent
        cache.incr(key)
    return min((throttling.count(*limit) for limit in limits), key=lambda it: it.is_allowed)


def forged_today(code: str) -> int:
    """Return how many notices of a gateway failed verification since midnight UTC."""
    return int(cache.get(_day_key(code), 0))


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


def _day_key(code: str) -> str:
    return f"webhooks:forged:{code}:{int(time.time()) // 86_400}"
