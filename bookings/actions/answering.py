"""Staff answer a request: approve or decline."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts import auditing
from bookings import events as booking_events
from bookings.actions import holding
from bookings.actions.creating import EXPIRE_REACTION
from bookings.actions.lifecycle import announce, cancel_locked, confirm_locked
from bookings.models import Booking
from bookings.states import advance
from common.db import retry_on_conflict
from common.errors import IllegalTransition
from events import actions as events

S = Booking.Status


@retry_on_conflict
@transaction.atomic
def approve_request(*, booking_id: str, now: datetime, actor: str = "") -> Booking:
    """Approve: confirmed when nothing is due, else pending with a day to pay. Repeats safely.

    The customer is not at the screen when staff answer, so the hold is the request's and not the
    fifteen minutes of somebody who pays at once. Raises IllegalTransition, also for a request
    whose time ran out, and Booking.DoesNotExist.
    """
    booking = holding.lock_booking(booking_id)
    if booking.status in {S.PENDING, S.CONFIRMED}:
        return booking
    if booking.status != S.REQUESTED or not booking.holds_time(now):
        raise IllegalTransition
    with auditing.change(booking, "status", action="booking.approve", actor=actor):
        _approve(booking, now=now, actor=actor)
    return booking


def _approve(booking: Booking, *, now: datetime, actor: str) -> None:
    if not booking.deposit_minor:
        confirm_locked(booking, now=now, actor=actor)
        return
    advance(booking, S.PENDING, now=now)
    booking.hold_expires_at = now + timedelta(hours=settings.BOOKING_REQUEST_HOURS)
    booking.save()
    if not holding.keep(booking):
        raise IllegalTransition
    events.schedule(
        reaction=EXPIRE_REACTION, subject=booking.public_id, due_at=booking.hold_expires_at
    )
    announce(booking_events.BOOKING_APPROVED, booking, actor=actor)


@retry_on_conflict
@transaction.atomic
def decline_request(
    *, booking_id: str, now: datetime, reason: str = "", actor: str = ""
) -> Booking:
    """Decline: the booking is canceled and its time free. A canceled one stays as it is.

    Raises IllegalTransition for anything but a request.
    """
    booking = holding.lock_booking(booking_id)
    if booking.status == S.CANCELED:
        return booking
    if booking.status != S.REQUESTED:
        raise IllegalTransition
    with auditing.change(booking, "status", "cancel_reason", action="booking.decline", actor=actor):
        cancel_locked(booking, now=now, reason=reason, actor=actor)
    return booking
