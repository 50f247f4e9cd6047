"""What a provider says about a payment, judged and applied."""

from datetime import datetime
from typing import Any

from django.db import transaction

from common.db import retry_on_conflict
from common.errors import Busy, DomainError
from events import actions as events
from payments import events as payment_events
from payments import payables
from payments.actions import refunding, reviewing, schedules
from payments.actions.locking import lock_payable_then_payment, lock_payment, save
from payments.gateways.base import PaymentFacts, Progress
from payments.matching import mismatch
from payments.models import LedgerEntry, Payment
from payments.states import SOFT_ENDS, may_move_payment

Status = Payment.Status
REFUSED_REQUEST = "fulfilment_refused"


def apply_provider_status(*, payment_id: str, facts: PaymentFacts, now: datetime) -> Payment:
    """Apply what the provider says; repeats and late news change nothing.

    Success is settled with the payable; what does not fit goes to review and is never fulfilled;
    an unknown status changes nothing and the provider is asked again. `now` is aware UTC.
    """
    if facts.progress is Progress.SUCCEEDED:
        return settle_payment(payment_id=payment_id, facts=facts, now=now)
    return _apply_step(payment_id=payment_id, facts=facts, now=now)


@retry_on_conflict
@transaction.atomic
def settle_payment(*, payment_id: str, facts: PaymentFacts, now: datetime) -> Payment:
    """Enter received money and fulfil what it was for, in one transaction.

    The payable is locked first, then the payment. A payable that refuses (its time is taken)
    undoes its own part only: the money stays entered and one refund is opened.
    """
    payment = lock_payable_then_payment(payment_id)
    if payment.status == Status.SUCCEEDED or payment.is_in_review:
        return payment
    if reason := mismatch(payment, facts):
        return reviewing.open_review_locked(payment, reason=reason, facts=facts, now=now)
    payment.status, payment.succeeded_at, payment.ended_at = Status.SUCCEEDED, now, now
    payment.captured_minor = payment.amount_minor
    payment.uncertain_since, payment.failure_code = None, ""
    payment.provider_id = payment.provider_id or facts.ids.payment_id
    payment.provider_session_id = payment.provider_session_id or facts.ids.session_id
    save(
        payment,
        "status",
        "succeeded_at",
        "ended_at",
        "captured_minor",
        "uncertain_since",
        "failure_code",
        "provider_id",
        "provider_session_id",
    )
    LedgerEntry.objects.create(
        payment=payment,
        kind=LedgerEntry.Kind.CHARGE,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        provider_reference=facts.movement or payment.provider_id or payment.public_id,
    )
    events.record(payment_events.payment_event(payment_events.PAYMENT_SUCCEEDED, payment))
    schedules.stop_checking(payment)
    _fulfil(payment, now)
    return payment


def _fulfil(payment: Payment, now: datetime) -> None:
    money = payables.PaidMoney(payment.public_id, payment.purpose, payment.money, now)
    try:
        with transaction.atomic():
            payable = payables.get(payment.payable_type)
            payable.paid(payable_id=payment.payable_id, money=money)
    except Busy:
        raise  # a lost race says nothing about the payable: the whole settling runs again
    except DomainError as refusal:
        refunding.open_refund_locked(
            payment,
            amount=payment.money,
            reason=refusal.code.lower(),
            request_id=REFUSED_REQUEST,
            requested_by="system",
            now=now,
        )


@retry_on_conflict
@transaction.atomic
def _apply_step(*, payment_id: str, facts: PaymentFacts, now: datetime) -> Payment:
    payment = lock_payment(payment_id)
    if payment.status == Status.SUCCEEDED or payment.is_in_review:
        return payment
    if facts.progress is Progress.UNKNOWN:
        return _keep_uncertain(payment, facts, now)
    if reason := mismatch(payment, facts):
        return reviewing.open_review_locked(payment, reason=reason, facts=facts, now=now)
    wanted = _wanted_status(payment, facts)
    moves = wanted != payment.status and may_move_payment(payment.status, wanted)
    changes = _changes(payment, facts, wanted if moves else "", now)
    if not changes:
        return payment
    for name, value in changes.items():
        setattr(payment, name, value)
    save(payment, *changes)
    if moves:
        kind = payment_events.BY_STATUS[wanted]
        events.record(payment_events.payment_event(kind, payment))
    elif "failure_code" in changes:
        events.record(payment_events.payment_event(payment_events.PAYMENT_DECLINED, payment))
    if not payment.is_open:
        schedules.stop_checking(payment)
    elif payment.status == Status.PROCESSING and facts.progress is Progress.PENDING:
        # A notice of a decline while money is on its way may be an old one: ask.
        schedules.check_payment_at(payment, now)
    return payment


def _wanted_status(payment: Payment, facts: PaymentFacts) -> str:
    is_over = facts.is_asked and facts.decline_code and payment.status == Status.PROCESSING
    if facts.progress is Progress.PENDING and is_over:
        return Status.FAILED
    return str(facts.progress.value)


def _changes(payment: Payment, facts: PaymentFacts, step: str, now: datetime) -> dict[str, Any]:
    """Return the fields to write: the step, what it ends, a new decline, ids told at last."""
    changes: dict[str, Any] = {}
    if step:
        changes["status"] = step
    if payment.uncertain_since is not None and (facts.is_asked or step in SOFT_ENDS):
        changes["uncertain_since"] = None
    if step in SOFT_ENDS:
        changes["ended_at"] = now
    is_declined = bool(facts.decline_code) and facts.decline_code != payment.failure_code
    if payment.is_open and (is_declined or step == Status.FAILED):
        changes["failure_code"] = facts.decline_code[:80]
    if facts.ids.payment_id and not payment.provider_id:
        changes["provider_id"] = facts.ids.payment_id
    if facts.ids.session_id and not payment.provider_session_id:
        changes["provider_session_id"] = facts.ids.session_id
    if payment.is_open and not payment.client_secret and payment.flow == Payment.Flow.EMBEDDED:
        changes |= {"client_secret": facts.client_secret} if facts.client_secret else {}
    if payment.is_open and not payment.checkout_url and facts.checkout_url:
        changes["checkout_url"] = facts.checkout_url
    return changes


def _keep_uncertain(payment: Payment, facts: PaymentFacts, now: datetime) -> Payment:
    if not payment.is_open:
        return payment
    if payment.uncertain_since is None:
        payment.uncertain_since = now
        save(payment, "uncertain_since")
        events.record(payment_events.payment_event(payment_events.PAYMENT_UNCERTAIN, payment))
    elif now - payment.uncertain_since > schedules.PATIENCE:
        return reviewing.open_review_locked(payment, reason="status", facts=facts, now=now)
    schedules.check_payment_at(payment, schedules.next_check(payment.uncertain_since, now))
    return payment
