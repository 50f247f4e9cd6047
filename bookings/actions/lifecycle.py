"""Confirming, expiring, canceling and closing bookings. Ids are public ids, `now` aware UTC."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import auditing
from bookings import events as booking_events
from bookings.actions import holding, tasks
from bookings.actions.creating import EXPIRE_REACTION
from bookings.errors import SlotTaken, SlotUnavailable, TooEarly
from bookings.models import Booking
from bookings.queries import versions
from bookings.states import advance
from common.db import EXCLUSION_VIOLATION, retry_on_conflict, sqlstate
from common.errors import IllegalTransition
from events import actions as events
from events.types import EventType

S = Booking.Status


@retry_on_conflict
@transaction.atomic
def confirm_booking(*, booking_id: str, now: datetime, actor: str = "") -> Booking:
    """Confirm a booking without a payment, such as one paid at the desk; repeats safely.

    A hold that ran out is confirmed only by winning its time again. Raises Booking.DoesNotExist,
    SlotTaken and IllegalTransition.
    """
    booking = holding.lock_booking(booking_id)
    with auditing.change(booking, "status", action="booking.confirm", actor=actor):
        confirm_locked(booking, now=now, actor=actor)
    return booking


def confirm_locked(booking: Booking, *, now: datetime, actor: str) -> None:
    """Confirm a booking that `holding.lock_booking` locked; one already confirmed stays as it is.

    Raises SlotTaken, leaving the booking as it was, and IllegalTransition.
    """
    if booking.status == S.CONFIRMED:
        return
    if booking.status not in {S.REQUESTED, S.PENDING, S.EXPIRED}:
        raise IllegalTransition
    was_held = booking.holds_time(now)
    with transaction.atomic():  # a refusal below must not leave it confirmed without time
        advance(booking, S.CONFIRMED, now=now)
        booking.save()
        if not (was_held and holding.keep(booking)):
            _win_again(booking, now=now)
    events.unschedule(reaction=EXPIRE_REACTION, subject=booking.public_id)
    announce(booking_events.BOOKING_CONFIRMED, booking, actor=actor)
    tasks.create_from_templates(booking, actor=actor)


def _win_again(booking: Booking, *, now: datetime) -> None:
    wanted = holding.Wanted(
        booking.starts_at, booking.ends_at - booking.starts_at, booking.seats, by_staff=True
    )
    try:
        with transaction.atomic():
            offer, occupied = holding.offer_for(booking, now=now)
            claim = holding.claim(offer, occupied, wanted, now=now)
            holding.take(booking, claim, expires_at=None)
    except SlotUnavailable as error:
        raise SlotTaken from error
    except IntegrityError as error:
        if sqlstate(error) == EXCLUSION_VIOLATION:
            raise SlotTaken from error
        raise


@retry_on_conflict
@transaction.atomic
def expire_booking(*, booking_id: str, now: datetime) -> Booking:
    """End a hold that ran out and free its time; anything else is left alone. Repeats safely."""
    booking = holding.lock_booking(booking_id)
    if booking.status not in {S.REQUESTED, S.PENDING} or booking.holds_time(now):
        return booking
    advance(booking, S.EXPIRED, now=now)
    booking.save()
    holding.release(booking)
    announce(booking_events.BOOKING_EXPIRED, booking, actor="")
    return booking


@retry_on_conflict
@transaction.atomic
def extend_hold(*, booking_id: str, until: datetime, now: datetime) -> Booking:
    """Let a live hold last until an instant, at most an hour after the booking was made.

    For a payment that is being processed. A shorter time than the present one, and a booking that
    holds nothing, change nothing; repeats safely.
    """
    booking = holding.lock_booking(booking_id)
    longest = booking.created_at + timedelta(minutes=settings.BOOKING_HOLD_LONGEST_MINUTES)
    until = min(until, longest)
    held = booking.hold_expires_at
    if booking.status != S.PENDING or held is None or now >= held or until <= held:
        return booking
    booking.hold_expires_at = until
    booking.version += 1
    booking.save()
    holding.keep(booking)
    events.schedule(reaction=EXPIRE_REACTION, subject=booking.public_id, due_at=until)
    versions.bump_after_commit([booking.calendar.public_id])
    return booking


@retry_on_conflict
@transaction.atomic
def cancel_booking(*, booking_id: str, now: datetime, reason: str = "", actor: str = "") -> Booking:
    """Cancel and free the time; open tasks go too. A canceled one stays as it is.

    Money is not touched: refunds are the payment's. Raises IllegalTransition for what has ended.
    """
    booking = holding.lock_booking(booking_id)
    if booking.status == S.CANCELED:
        return booking
    with auditing.change(booking, "status", "cancel_reason", action="booking.cancel", actor=actor):
        cancel_locked(booking, now=now, reason=reason, actor=actor)
    return booking


def cancel_locked(booking: Booking, *, now: datetime, reason: str, actor: str) -> None:
    """Cancel a booking that `holding.lock_booking` locked. Raises IllegalTransition."""
    advance(booking, S.CANCELED, now=now)
    booking.cancel_reason = reason[:250]
    booking.hold_expires_at = None
    booking.save()
    holding.release(booking)
    tasks.cancel_open(booking)
    events.unschedule(reaction=EXPIRE_REACTION, subject=booking.public_id)
    announce(booking_events.BOOKING_CANCELED, booking, actor=actor)


def complete_booking(*, booking_id: str, now: datetime, actor: str = "") -> Booking:
    """Say that the appointment took place; also corrects a no-show within seven days.

    Repeats safely. Raises TooEarly before the start, IllegalTransition.
    """
    return _close(booking_id, S.COMPLETED, booking_events.BOOKING_COMPLETED, now=now, actor=actor)


def mark_no_show(*, booking_id: str, now: datetime, actor: str = "") -> Booking:
    """Say that the customer did not come; also corrects a completion within seven days.

    Repeats safely. Raises TooEarly before the start, IllegalTransition.
    """
    return _close(booking_id, S.NO_SHOW, booking_events.BOOKING_NO_SHOW, now=now, actor=actor)


@retry_on_conflict
@transaction.atomic
def _close(
    booking_id: str, to: Booking.Status, kind: EventType, *, now: datetime, actor: str
) -> Booking:
    booking = holding.lock_booking(booking_id)
    if booking.status == to:
        return booking
    if now < booking.starts_at:
        raise TooEarly
    with auditing.change(booking, "status", action=kind.name, actor=actor):
        advance(booking, to, now=now)
        booking.save()
    announce(kind, booking, actor=actor)
    return booking


def note_money(
    booking: Booking, *, now: datetime, paid_minor: int = 0, refunded_minor: int = 0
) -> None:
    """Add to what was paid or went back on a locked booking, and record the fact."""
    booking.paid_minor += paid_minor
    booking.refunded_minor += refunded_minor
    booking.version += 1
    Booking.objects.filter(pk=booking.pk).update(
        paid_minor=F("paid_minor") + paid_minor,
        refunded_minor=F("refunded_minor") + refunded_minor,
        version=booking.version,
    )
    events.record(booking_events.booking_event(booking_events.BOOKING_PAID, booking, actor=""))


def announce(kind: EventType, booking: Booking, *, actor: str) -> None:
    """Record the fact and make cached slots stale after commit."""
    events.record(booking_events.booking_event(kind, booking, actor=actor))
    versions.bump_after_commit(versions.calendar_ids(booking.calendar_id))
