"""A customer calls off what they paid for: the booking ends and what is due goes back."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from bookings.actions.lifecycle import cancel_booking
from bookings.actions.payable import BOOKING_PAYABLE
from bookings.models import Booking
from common.db import retry_on_conflict
from common.money import Money
from payments import actions as payment_actions
from payments import queries as payment_queries
from payments.errors import RefundTooLarge


def due_back(booking: Booking, *, now: datetime) -> Money:
    """Return what a customer gets back for canceling at an aware instant.

    All of it until the free period ends (24 hours before the start by default), then nothing. A
    business that cancels returns what it decides on.
    """
    free_until = booking.starts_at - timedelta(hours=settings.BOOKING_FREE_CANCEL_HOURS)
    paid = booking.paid_minor - booking.refunded_minor
    return Money(max(paid, 0) if now <= free_until else 0, booking.currency)


@retry_on_conflict
@transaction.atomic
def cancel_with_refund(
    *, booking_id: str, now: datetime, reason: str = "", actor: str = ""
) -> Booking:
    """Cancel a booking and ask for what is due back, together; repeats without a second refund.

    Raises IllegalTransition for a booking that has ended, and Booking.DoesNotExist.
    """
    booking = Booking.objects.get(public_id=booking_id)
    was_live = booking.status in {Booking.Status.CONFIRMED, Booking.Status.PENDING}
    canceled = cancel_booking(booking_id=booking_id, now=now, reason=reason, actor=actor)
    if not (was_live and due_back(canceled, now=now).minor):
        return canceled
    paid = payment_queries.payments_of(
        payable_type=BOOKING_PAYABLE.type, payable_id=booking_id
    ).filter(status="succeeded")
    for payment in paid:
        if payment.refundable.minor > 0:
            with suppress(RefundTooLarge):  # all that is left is on its way back already
                payment_actions.request_refund(
                    payment_id=payment.public_id,
                    request_id=f"{booking_id}-canceled",
                    reason="requested_by_customer",
                    now=now,
                    actor=actor,
                )
    return canceled
