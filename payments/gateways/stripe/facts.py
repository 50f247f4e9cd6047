"""Stripe's objects as facts. They arrive as plain dictionaries, from calls and notices alike.

Source: docs.stripe.com/payments/paymentintents/lifecycle, /api/checkout/sessions/object,
/api/refunds/object (API version 2026-10-28).
"""

from collections.abc import Mapping
from typing import Any

from common.money import Money
from payments.gateways.base import PaymentFacts, Progress, ProviderIds, RefundFacts

INTENT = {
    "requires_payment_method": Progress.PENDING,
    "requires_confirmation": Progress.PENDING,
    "requires_action": Progress.REQUIRES_ACTION,
    "processing": Progress.PROCESSING,
    "requires_capture": Progress.PROCESSING,
    "succeeded": Progress.SUCCEEDED,
    "canceled": Progress.CANCELED,
}
REFUND = {
    "pending": Progress.PENDING,
    "requires_action": Progress.REQUIRES_ACTION,
    "succeeded": Progress.SUCCEEDED,
    "failed": Progress.FAILED,
    "canceled": Progress.CANCELED,
}

Object = Mapping[str, Any]


def money(minor: object, currency: object) -> Money | None:
    """Return the amount; Stripe counts the smallest unit as we do, in lower-case currencies."""
    if isinstance(minor, bool) or not isinstance(minor, int) or not isinstance(currency, str):
        return None
    code = currency.upper()
    return Money(minor, code) if len(code) == 3 and code.isascii() and code.isalpha() else None  # noqa: PLR2004  ISO 4217


def intent_facts(
    intent: Object, *, account: str = "", session_id: str = "", is_asked: bool = False
) -> PaymentFacts:
    """Return what a PaymentIntent says."""
    status = str(intent.get("status", ""))
    progress = INTENT.get(status, Progress.UNKNOWN)
    is_paid = progress is Progress.SUCCEEDED
    error = intent.get("last_payment_error") or {}
    return PaymentFacts(
        progress=progress,
        ids=ProviderIds(payment_id=_text(intent.get("id")), session_id=session_id),
        reference=_text((intent.get("metadata") or {}).get("payment")),
        amount=money(
            intent.get("amount_received" if is_paid else "amount"), intent.get("currency")
        ),
        account=account,
        is_live=intent.get("livemode"),
        movement=_text(intent.get("id")) if is_paid else "",
        decline_code=_text(error.get("decline_code") or error.get("code"))
        if progress is Progress.PENDING
        else "",
        is_asked=is_asked,
        raw_status=status[:40],
        client_secret=_text(intent.get("client_secret")),
    )


def session_facts(session: Object, *, account: str = "", is_asked: bool = False) -> PaymentFacts:
    """Return what a Checkout session says; a complete one is paid only if it says so itself."""
    status = str(session.get("status", ""))
    paid = str(session.get("payment_status", ""))
    if status == "open":
        progress = Progress.PENDING
    elif status == "expired":
        progress = Progress.EXPIRED
    elif status == "complete":
        progress = {"paid": Progress.SUCCEEDED, "unpaid": Progress.PROCESSING}.get(
            paid, Progress.UNKNOWN
        )
    else:
        progress = Progress.UNKNOWN
    reference = (session.get("metadata") or {}).get("payment") or session.get("client_reference_id")
    payment_id = _text(session.get("payment_intent"))
    return PaymentFacts(
        progress=progress,
        ids=ProviderIds(payment_id=payment_id, session_id=_text(session.get("id"))),
        reference=_text(reference),
        amount=money(session.get("amount_total"), session.get("currency")),
        account=account,
        is_live=session.get("livemode"),
        movement=payment_id if progress is Progress.SUCCEEDED else "",
        is_asked=is_asked,
        raw_status=f"{status}/{paid}"[:40],
        checkout_url=_url(session.get("url")),
    )


def refund_facts(refund: Object, *, account: str = "", is_live: bool | None = None) -> RefundFacts:
    """Return what a refund says."""
    status = str(refund.get("status", ""))
    return RefundFacts(
        progress=REFUND.get(status, Progress.UNKNOWN),
        refund_id=_text(refund.get("id")),
        payment=ProviderIds(payment_id=_text(refund.get("payment_intent"))),
        reference=_text((refund.get("metadata") or {}).get("refund")),
        amount=money(refund.get("amount"), refund.get("currency")),
        failure_code=_text(refund.get("failure_reason")),
        account=account,
        is_live=is_live,
        raw_status=status[:40],
    )


def _text(value: object) -> str:
    """Return an id; an expanded object is named by its own id."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value[:255] if isinstance(value, str) else ""


def _url(value: object) -> str:
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else ""
