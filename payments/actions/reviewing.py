"""Payments whose news does not fit: nothing happens to them until a person has looked."""

from datetime import datetime

from django.db import transaction

from accounts import actions as accounts
from accounts.models import SecurityEntry
from common.db import retry_on_conflict
from common.errors import Conflict
from events import actions as events
from payments import events as payment_events
from payments.actions import schedules
from payments.actions.locking import lock_payment, save
from payments.gateways.base import PaymentFacts
from payments.models import Payment


@retry_on_conflict
@transaction.atomic
def open_review(*, payment_id: str, reason: str, facts: PaymentFacts, now: datetime) -> Payment:
    """Put a payment under review; one that is under review already stays as it is."""
    payment = lock_payment(payment_id)
    return open_review_locked(payment, reason=reason, facts=facts, now=now)


def open_review_locked(
    payment: Payment, *, reason: str, facts: PaymentFacts, now: datetime
) -> Payment:
    """Do so for a payment the caller has locked."""
    if payment.is_in_review:
        return payment
    received = facts.amount
    payment.review_reason, payment.review_opened_at = reason, now
    payment.review_detail = {
        "expected_minor": payment.amount_minor,
        "expected_currency": payment.currency,
        "received_minor": received.minor if received else None,
        "received_currency": received.currency if received else "",
        "account": facts.account,
        "is_live": facts.is_live,
        "reference": facts.reference,
        "status": facts.raw_status,
    }
    save(payment, "review_reason", "review_opened_at", "review_detail")
    events.record(payment_events.payment_event(payment_events.PAYMENT_REVIEW_OPENED, payment))
    accounts.record_security(
        kind="payment.mismatch",
        severity=SecurityEntry.Severity.ALERT,
        subject=payment.public_id,
        business=payment.business.public_id,
        detail={"reason": reason},
        once_key=f"payment.mismatch:{payment.public_id}:{payment.version}",
    )
    schedules.stop_checking(payment)
    return payment


@retry_on_conflict
@transaction.atomic
def resolve_review(*, payment_id: str, actor: str, reason: str, now: datetime) -> Payment:
    """Close the review; the provider is then asked anew and its answer is judged as any other.

    `actor` is who looked, `reason` what they found. Raises Conflict without an open review.
    """
    payment = lock_payment(payment_id)
    if not payment.is_in_review:
        raise Conflict
    before = payment.review_reason
    payment.review_reason, payment.review_opened_at = "", None
    save(payment, "review_reason", "review_opened_at")
    accounts.record_audit(
        actor=actor,
        action="payment.resolve_review",
        subject=payment.public_id,
        business=payment.business.public_id,
        reason=reason,
        before={"review_reason": before},
    )
    events.record(
        payment_events.payment_event(payment_events.PAYMENT_REVIEW_CLOSED, payment, actor=actor)
    )
    schedules.check_payment_at(payment, now)
    if payment.is_open and payment.expires_at is not None:
        schedules.expire_payment_at(payment, payment.expires_at)
    return payment
