"""Moving a booking: the old time is given up and the new one taken in one transaction."""

from datetime import datetime
from functools import partial

from django.db import transaction

from accounts import auditing
from bookings import events as booking_events
from bookings.actions import holding, tasks
from bookings.actions.creating import alternatives_to
from bookings.errors import SlotUnavailable
from bookings.models import Booking, Calendar, Occupancy
from bookings.queries import versions
from bookings.queries.offer import load_occupied, load_offer
from common.db import retry_on_conflict
from common.errors import Conflict, IllegalTransition
from events import actions as events

S = Booking.Status


def reschedule_booking(
    *,
    booking_id: str,
    starts_at: datetime,
    now: datetime,
    calendar_id: str = "",
    actor: str = "",
    by_staff: bool = False,
) -> Booking:
    """Move to another start, another calendar or both; price and length stay as agreed.

    Without `calendar_id` the same calendar is asked. The booking's own time does not stand in the
    way. The same place again changes nothing. Raises SlotUnavailable with the nearest
    alternatives (the booking then stays where it was), IllegalTransition and
    Booking.DoesNotExist.
    """
    try:
        return _move(
            booking_id=booking_id,
            wanted_at=starts_at,
            calendar_id=calendar_id,
            now=now,
            actor=actor,
            by_staff=by_staff,
        )
    except SlotUnavailable as refusal:
        booking = Booking.objects.select_related("tier", "calendar").get(public_id=booking_id)
        find = partial(
            alternatives_to,
            tier_id=booking.tier.public_id,
            starts_at=starts_at,
            calendar_id=calendar_id or booking.calendar.public_id,
            now=now,
        )
        raise SlotUnavailable(alternatives=find) from refusal


@retry_on_conflict
@holding.refusing_overlaps
@transaction.atomic
def _move(
    *,
    booking_id: str,
    wanted_at: datetime,
    calendar_id: str,
    now: datetime,
    actor: str,
    by_staff: bool,
) -> Booking:
    known = Booking.objects.select_related("tier", "calendar").get(public_id=booking_id)
    offer = load_offer(
        tier_id=known.tier.public_id,
        calendar_id=calendar_id or known.calendar.public_id,
        start=wanted_at,
        end=wanted_at,
        also=_touched(known),
        is_locking=True,
    )
    booking = (
        Booking.objects.select_for_update(of=("self",), no_key=True)
        .select_related("business", "contact", "service", "tier", "calendar")
        .get(pk=known.pk)
    )
    if (booking.calendar_id, booking.session_id) != (known.calendar_id, known.session_id):
        raise Conflict
    is_alive = booking.status in {S.REQUESTED, S.PENDING, S.CONFIRMED} and booking.holds_time(now)
    if not is_alive:
        raise IllegalTransition
    wanted_calendar = calendar_id or booking.calendar.public_id
    if (wanted_at, wanted_calendar) == (booking.starts_at, booking.calendar.public_id):
        return booking
    length = booking.ends_at - booking.starts_at
    occupied = load_occupied(
        offer, start=wanted_at, end=wanted_at + length, now=now, ignored=booking.pk
    )
    wanted = holding.Wanted(wanted_at, length, booking.seats, by_staff)
    claim = holding.claim(offer, occupied, wanted, now=now)
    previous, left = booking_events.booking_payload(booking), booking.calendar_id
    booking.version += 1
    with auditing.change(
        booking, "starts_at", "calendar", action="booking.reschedule", actor=actor
    ):
        holding.take(booking, claim, expires_at=booking.hold_expires_at)
    tasks.move_open(booking)
    events.record(booking_events.booking_rescheduled(booking, previous=previous, actor=actor))
    versions.bump_after_commit(
        {*versions.calendar_ids(left), *versions.calendar_ids(booking.calendar_id)}
    )
    return booking


def _touched(booking: Booking) -> list[int]:
    rows = Occupancy.objects.filter(booking=booking).values_list("calendar_id", flat=True)
    mine = {booking.calendar_id, *rows}
    if booking.calendar.staff_id is not None:
        twins = Calendar.objects.filter(staff_id=booking.calendar.staff_id)
        mine.update(twins.values_list("pk", flat=True))
    return sorted(mine)
