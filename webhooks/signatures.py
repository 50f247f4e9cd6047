"""Checks that sources share: time windows and digests."""

import hmac
from collections.abc import Iterable
from datetime import datetime

from webhooks.errors import BadSignature, StaleSignature
from webhooks.sources import TOLERANCE_SECONDS


def check_time(signed_at: str, *, now: datetime) -> None:
    """Refuse a signed Unix time more than 300 s from now, in either direction.

    Raises StaleSignature, and BadSignature when it is no number.
    """
    if not (signed_at.isascii() and signed_at.isdigit() and len(signed_at) <= 12):  # noqa: PLR2004  digits of any real time
        raise BadSignature
    if abs(now.timestamp() - int(signed_at)) > TOLERANCE_SECONDS:
        raise StaleSignature


def check_digest(expected: Iterable[str], given: Iterable[str]) -> None:
    """Accept when any given digest equals any expected one, each compared in constant time.

    Raises BadSignature. Every pair is compared, so the time tells nothing about which matched.
    """
    offered = [item for item in given if item.isascii()]
    is_equal = False
    for wanted in expected:
        for item in offered:
            is_equal |= hmac.compare_digest(wanted, item)
    if not is_equal:
        raise BadSignature
