"""Money goes back: asked for once, submitted by the relay, followed to its end."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from accounts import actions as accounts
from common.db import retry_on_conflict
from common.errors import NotFound
from common.money import Money
from events import actions as events
from payments import events as payment_events
from payments import payables
from payments.actions import schedules
from payments.actions.locking import (
    lock_payable_then_payment,
    lock_payment,
    lock_refund,
    save,
)
from payments.errors import NotRefundable, RefundTooLarge
from payments.gateways.base import Progress, RefundFacts
from payments.models import LedgerEntry, Payment, Refund
from payments.states import may_move_refund

Status = Refund.Status
_ENDED = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELED})


@retry_on_conflict
@transaction.atomic
def request_refund(
    *,
    payment_id: str,
    request_id: str,
    reason: str,
    now: datetime,
    amount: Money | None = None,
    actor: str = "",
) -> Refund:
    """Ask for money to go back; without an amount all that is left. Returns the refund.

    `request_id` names the wish: the same one again returns the same refund and adds nothing.
    Raises NotRefundable without received money and RefundTooLarge beyond what is left, refunds
    under way counted.
    """
    payment = lock_payment(payment_id)
    known = payment.refunds.filter(request_id=request_id).first()
    if known is not None:
        known.payment = payment
        return known
    if payment.status != Payment.Status.SUCCEEDED:
        raise NotRefundable
    refund = open_refund_locked(
        payment,
        amount=amount or _left(payment),
        reason=reason,
        request_id=request_id,
        requested_by=actor,
        now=now,
    )
    accounts.record_audit(
        actor=actor,
        action="payment.refund",
        subject=payment.public_id,
        business=payment.business.public_id,
        reason=reason,
        after={"refund": refund.public_id, "amount_minor": refund.amount_minor},
    )
    return refund


def open_refund_locked(
    payment: Payment,
    *,
    amount: Money,
    reason: str,
    request_id: str,
    requested_by: str,
    now: datetime,
) -> Refund:
    """Insert the refund of a payment the caller has locked; the same request id only once.

    Raises RefundTooLarge.
    """
    known = payment.refunds.filter(request_id=request_id).first()
    if known is not None:
        return known
    if amount.currency != payment.currency or not 0 < amount.minor <= _left(payment).minor:
        raise RefundTooLarge
    refund = Refund.objects.create(
        payment=payment,
        request_id=request_id[:80],
        amount_minor=amount.minor,
        currency=amount.currency,
        reason=reason[:200],
        requested_by=requested_by,
        requested_at=now,
    )
    events.record(
        payment_events.refund_event(payment_events.REFUND_REQUESTED, refund, actor=requested_by)
    )
    schedules.check_refund_at(refund, now)
    return refund


def _left(payment: Payment) -> Money:
    """Return what is neither refunded nor on its way back; the payment is locked."""
    taken = (
        payment.refunds.exclude(status__in=[Status.FAILED, Status.CANCELED]).aggregate(
            total=Sum("amount_minor")
        )["total"]
        or 0
    )
    return Money(payment.captured_minor - taken, payment.currency)


@retry_on_conflict
@transaction.atomic
def mark_refund_submitted(*, refund_id: str, now: datetime) -> Refund:
    """Note that the provider is about to be called; whoever dies now is found by the next check."""
    payment = lock_payment(_payment_of(refund_id))
    refund = lock_refund(refund_id, payment)
    if refund.status == Status.REQUESTED:
        refund.status = Status.SUBMITTED
        save(refund, "status")
    if refund.status not in _ENDED:
        schedules.check_refund_at(refund, now + timedelta(minutes=1))
    return refund


@retry_on_conflict
@transaction.atomic
def mark_refund_uncertain(*, refund_id: str, now: datetime) -> Refund:
    """Ask again later; what the provider did with the refund is not known."""
    payment = lock_payment(_payment_of(refund_id))
    refund = lock_refund(refund_id, payment)
    if refund.status not in _ENDED:
        schedules.check_refund_at(refund, schedules.next_check(refund.requested_at, now))
    return refund


@retry_on_conflict
@transaction.atomic
def mark_refund_refused(*, refund_id: str, code: str, now: datetime) -> Refund:
    """End a refund the provider refused for good; the money stays with the business."""
    payment = lock_payment(_payment_of(refund_id))
    refund = lock_refund(refund_id, payment)
    if refund.status in _ENDED:
        return refund
    refund.status, refund.failure_code, refund.ended_at = Status.FAILED, code[:80], now
    save(refund, "status", "failure_code", "ended_at")
    events.record(payment_events.refund_event(payment_events.REFUND_FAILED, refund))
    return refund


@retry_on_conflict
@transaction.atomic
def apply_refund_status(*, refund_id: str, facts: RefundFacts, now: datetime) -> Refund:
    """Apply what the provider says about a refund; repeats and late news change nothing.

    Success is entered in the ledger once and told to the payable. One that fails after it had
    succeeded (the bank returned it) is entered as a reversal.
    """
    payment = lock_payable_then_payment(_payment_of(refund_id))
    refund = lock_refund(refund_id, payment)
    wanted = facts.progress.value
    if facts.progress is Progress.UNKNOWN or not may_move_refund(refund.status, wanted):
        if refund.status not in _ENDED:
            schedules.check_refund_at(refund, schedules.next_check(refund.requested_at, now))
        return refund
    was_paid_back = refund.status == Status.SUCCEEDED
    refund.status = wanted
    refund.provider_id = refund.provider_id or facts.refund_id
    refund.failure_code = facts.failure_code[:80] if wanted == Status.FAILED else ""
    refund.ended_at = now if wanted in _ENDED else None
    save(refund, "status", "provider_id", "failure_code", "ended_at")
    if wanted == Status.SUCCEEDED:
        _enter(refund, LedgerEntry.Kind.REFUND, refund.amount_minor)
    elif was_paid_back:
        _enter(refund, LedgerEntry.Kind.REFUND_REVERSAL, -refund.amount_minor)
    events.record(payment_events.refund_event(payment_events.REFUND_BY_STATUS[wanted], refund))
    if wanted == Status.SUCCEEDED:
        _tell_payable(refund)
    if wanted not in _ENDED:
        schedules.check_refund_at(refund, schedules.next_check(refund.requested_at, now))
    return refund


@retry_on_conflict
@transaction.atomic
def record_external_refund(*, payment_id: str, facts: RefundFacts, now: datetime) -> Refund | None:
    """Take note of a refund made at the provider's own console; None when it does not fit."""
    payment = lock_payable_then_payment(payment_id)
    request_id = f"provider:{facts.refund_id}"[:80]
    if payment.refunds.filter(provider_id=facts.refund_id).exists():
        return None
    amount = facts.amount
    if amount is None or payment.status != Payment.Status.SUCCEEDED:
        return None
    if facts.progress in {Progress.FAILED, Progress.CANCELED, Progress.UNKNOWN}:
        return None
    refund = open_refund_locked(
        payment,
        amount=amount,
        reason="made_at_gateway",
        request_id=request_id,
        requested_by="gateway",
        now=now,
    )
    refund.payment = payment
    refund.provider_id = facts.refund_id
    save(refund, "provider_id")
    return refund


def _enter(refund: Refund, kind: LedgerEntry.Kind, change: int) -> None:
    payment = refund.payment
    payment.refunded_minor += change
    save(payment, "refunded_minor")
    LedgerEntry.objects.create(
        payment=payment,
        refund=refund,
        kind=kind,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        provider_reference=refund.provider_id or refund.public_id,
    )


def _tell_payable(refund: Refund) -> None:
    payment = refund.payment
    money = payables.RefundedMoney(
        payment_id=payment.public_id,
        refund_id=refund.public_id,
        amount=refund.money,
        refunded_total=Money(payment.refunded_minor, payment.currency),
        reason=refund.reason,
    )
    try:
        payable = payables.get(payment.payable_type)
    except payables.PayableMissing:
        return
    payable.refunded(payable_id=payment.payable_id, money=money)


def _payment_of(refund_id: str) -> str:
    found = (
        Refund.objects.filter(public_id=refund_id)
        .values_list("payment__public_id", flat=True)
        .first()
    )
    if found is None:
        raise NotFound
    return found
