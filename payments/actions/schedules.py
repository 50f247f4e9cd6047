"""When a payment or refund is looked at again; the turns wait as rows, not in timers."""

from datetime import datetime, timedelta

from events import actions as events
from events.models import Reaction
from payments.models import Payment, Refund

CHECK_PAYMENT = "payments.check_payment"
EXPIRE_PAYMENT = "payments.expire_payment"
CHECK_REFUND = "payments.check_refund"

_FIRST = timedelta(seconds=20)
_LONGEST = timedelta(minutes=5)
_DAY = timedelta(days=1)
# After this much uncertainty a person looks.
PATIENCE = timedelta(minutes=15)


def next_check(since: datetime, now: datetime) -> datetime:
    """Return when to ask again: half the time waited, 20 s to 5 min, hourly after a day.

    So an unanswered start is asked about at least seven times within 15 minutes.
    """
    waited = now - since
    if waited > _DAY:
        return now + timedelta(hours=1)
    return now + min(max(waited / 2, _FIRST), _LONGEST)


def check_payment_at(payment: Payment, due_at: datetime) -> None:
    """Ask the provider at that time; moves the question that waits already."""
    events.schedule(reaction=CHECK_PAYMENT, subject=payment.public_id, key="check", due_at=due_at)


def stop_checking(payment: Payment) -> None:
    """Ask no more."""
    events.unschedule(reaction=CHECK_PAYMENT, subject=payment.public_id, key="check")
    events.unschedule(reaction=EXPIRE_PAYMENT, subject=payment.public_id, key="expiry")


def expire_payment_at(payment: Payment, due_at: datetime) -> None:
    """End the chance to pay at that time."""
    events.schedule(reaction=EXPIRE_PAYMENT, subject=payment.public_id, key="expiry", due_at=due_at)


def check_refund_at(refund: Refund, due_at: datetime) -> None:
    """Submit the refund again, or ask about it, at that time."""
    events.schedule(reaction=CHECK_REFUND, subject=refund.public_id, key="check", due_at=due_at)


def check_payment_soon(payment: Payment, now: datetime) -> None:
    """Ask now, unless the question waits already."""
    if not _is_waiting(CHECK_PAYMENT, payment.public_id):
        check_payment_at(payment, now)


def check_refund_soon(refund: Refund, now: datetime) -> None:
    """Ask now, unless the question waits already."""
    if not _is_waiting(CHECK_REFUND, refund.public_id):
        check_refund_at(refund, now)


def _is_waiting(reaction: str, subject: str) -> bool:
    return Reaction.objects.filter(
        state=0, name=reaction, subject=subject, schedule_key="check"
    ).exists()
