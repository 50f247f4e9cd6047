"""What follows from events and due times: ended holds, stale slot lists, longer holds."""

from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from bookings import actions
from bookings.actions.creating import EXPIRE_REACTION
from bookings.models import Booking, Calendar
from bookings.queries import versions
from events import registry
from events.models import Event
from payments import actions as payment_actions
from payments import queries as payment_queries
from payments.errors import PaymentNotCancelable
from payments.states import OPEN_PAYMENT

_BOOKINGS_THAT_MOVE_TIME = (
    "booking.created",
    "booking.approved",
    "booking.confirmed",
    "booking.canceled",
    "booking.expired",
    "booking.rescheduled",
)


@registry.state(EXPIRE_REACTION)
def expire_hold(booking_id: str) -> None:
    """End the hold at its time; a booking that was paid or extended meanwhile stays."""
    if Booking.objects.filter(public_id=booking_id).exists():
        actions.expire_booking(booking_id=booking_id, now=timezone.now())


@registry.state("bookings.close_payments", on="booking.canceled")
def close_payments(booking_id: str) -> None:
    """Call off the open payments of a canceled booking, so that nobody pays for nothing.

    Money already on its way settles as any late money does: it is refunded.
    """
    booking = Booking.objects.filter(public_id=booking_id).first()
    if booking is None or booking.status != Booking.Status.CANCELED:
        return
    for payment in payment_queries.payments_of(
        payable_type=actions.BOOKING_PAYABLE.type, payable_id=booking_id
    ).filter(status__in=OPEN_PAYMENT):
        with suppress(PaymentNotCancelable):
            payment_actions.cancel_payment(payment_id=payment.public_id, now=timezone.now())


@registry.fact("bookings.refresh_slots", on=(*_BOOKINGS_THAT_MOVE_TIME, "availability.changed"))
def refresh_slots(event: Event) -> None:
    """Make slot lists stale once more: the request's own try may have met a silent cache."""
    named = {event.data.get("calendar"), event.data.get("previous_calendar")}
    named.update(event.data.get("calendars", ()))
    rows = Calendar.objects.filter(public_id__in=[name for name in named if name])
    ids = {key for pk in rows.values_list("pk", flat=True) for key in versions.calendar_ids(pk)}
    versions.bump(ids or [event.business])


@registry.fact("bookings.refresh_business", on="business.updated")
def refresh_business(event: Event) -> None:
    """Make everything of a business stale whose zone, currency or profile changed."""
    versions.bump([event.business])


@registry.fact("bookings.extend_hold", on="payment.processing")
def extend_hold(event: Event) -> None:
    """Let a hold last while the provider makes sure of the money; an hour in all at most."""
    if event.data["payable_type"] == "booking":
        now = timezone.now()
        longest = timedelta(minutes=settings.BOOKING_HOLD_LONGEST_MINUTES)
        actions.extend_hold(booking_id=event.data["payable_id"], until=now + longest, now=now)
