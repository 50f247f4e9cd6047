"""The chance to pay ends: by the customer, by staff, or by the clock."""

from datetime import datetime

from django.db import transaction

from common.db import retry_on_conflict
from events import actions as events
from payments import events as payment_events
from payments.actions import schedules
from payments.actions.locking import lock_payment, save
from payments.errors import PaymentNotCancelable
from payments.models import Payment
from payments.states import may_move_payment

Status = Payment.Status


@retry_on_conflict
@transaction.atomic
def cancel_payment(*, payment_id: str, now: datetime, actor: str = "") -> Payment:
    """Call an open payment off; a second call changes nothing. The provider is told after commit.

    Raises PaymentNotCancelable once money is on its way or the payment ended otherwise. Money that
    arrives all the same wins over this.
    """
    payment = lock_payment(payment_id)
    if payment.status == Status.CANCELED:
        return payment
    if payment.status == Status.PROCESSING or not payment.is_open or payment.is_in_review:
        raise PaymentNotCancelable
    _end(payment, Status.CANCELED, now)
    events.record(
        payment_events.payment_event(payment_events.PAYMENT_CANCELED, payment, actor=actor)
    )
    return payment


@retry_on_conflict
@transaction.atomic
def expire_payment(*, payment_id: str, now: datetime) -> Payment:
    """End a payment whose time is over; one with money on its way, or under review, is left alone.

    `now` is aware UTC. Repeats safely; before its time nothing happens.
    """
    payment = lock_payment(payment_id)
    if payment.expires_at is None or payment.expires_at > now or payment.is_in_review:
        return payment
    if payment.status == Status.PROCESSING or not may_move_payment(payment.status, Status.EXPIRED):
        return payment
    _end(payment, Status.EXPIRED, now)
    events.record(payment_events.payment_event(payment_events.PAYMENT_EXPIRED, payment))
    return payment


def _end(payment: Payment, status: str, now: datetime) -> None:
    payment.status, payment.ended_at, payment.uncertain_since = status, now, None
    save(payment, "status", "ended_at", "uncertain_since")
    schedules.stop_checking(payment)
