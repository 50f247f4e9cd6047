"""The steps a payment and a refund may take: one table each, and which late news wins.

A step needs a higher rank, so news that arrives late or twice changes nothing. The one exception
is listed: money that arrives after a soft end (failed, canceled, expired) wins over it, because
money is a fact. What was refunded or disputed is an amount of its own, never a status here.
"""

from typing import Final

OPEN_PAYMENT: Final = frozenset(
    {"created", "submitting", "pending", "requires_action", "processing"}
)
SOFT_ENDS: Final = frozenset({"failed", "canceled", "expired"})

PAYMENT_RANK: Final = {
    "created": 0,
    "submitting": 1,
    "pending": 2,
    "requires_action": 3,
    "processing": 4,
    "failed": 5,
    "canceled": 5,
    "expired": 5,
    "succeeded": 6,
}
_ENDS: Final = frozenset({"succeeded", *SOFT_ENDS})
PAYMENT_STEPS: Final = {
    "created": frozenset({"submitting", "pending", "requires_action", "processing", *_ENDS}),
    "submitting": frozenset({"pending", "requires_action", "processing", *_ENDS}),
    "pending": frozenset({"requires_action", "processing", *_ENDS}),
    "requires_action": frozenset({"processing", *_ENDS}),
    "processing": _ENDS,
    "failed": frozenset({"succeeded"}),
    "canceled": frozenset({"succeeded"}),
    "expired": frozenset({"succeeded"}),
    "succeeded": frozenset[str](),
}

OPEN_REFUND: Final = frozenset({"requested", "submitted", "pending", "requires_action"})
# A bank may return a refund that had succeeded: then it fails, and staff are told.
REFUND_STEPS: Final = {
    "requested": frozenset(
        {"submitted", "pending", "requires_action", "succeeded", "failed", "canceled"}
    ),
    "submitted": frozenset({"pending", "requires_action", "succeeded", "failed", "canceled"}),
    "pending": frozenset({"requires_action", "succeeded", "failed", "canceled"}),
    "requires_action": frozenset({"succeeded", "failed", "canceled"}),
    "succeeded": frozenset({"failed"}),
    "failed": frozenset[str](),
    "canceled": frozenset[str](),
}


def may_move_payment(current: str, wanted: str) -> bool:
    """Say whether the payment may take this step."""
    return wanted in PAYMENT_STEPS[current]


def may_move_refund(current: str, wanted: str) -> bool:
    """Say whether the refund may take this step."""
    return wanted in REFUND_STEPS[current]
