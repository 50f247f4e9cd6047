"""Taking and freeing time. Everything that occupies a calendar goes through `claim`.

The caller holds the calendars' locks (in id order) and then the booking's. The exclusion
constraint stays the last word: an insert that breaks it is a SlotUnavailable too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, connection
from django.db.models import Q

from bookings.availability import Search, is_free, search_calendar, within_notice
from bookings.errors import SlotUnavailable
from bookings.models import Booking, Calendar, Occupancy, Session, Tier
from bookings.queries.offer import CalendarHours, Occupied, Offer, load_occupied, load_offer
from common.db import EXCLUSION_VIOLATION, sqlstate
from common.errors import Busy
from common.times import ceil_unix

P = ParamSpec("P")
R = TypeVar("R")

# Counts the bookings that still hold their seats; without any, the session's time is freed.
_REFRESH_SESSION = """
UPDATE bookings_occupancy o SET active = x.live, expires_at = x.until
FROM (SELECT count(*) > 0 AS live,
             CASE WHEN bool_and(status IN ('requested', 'pending')) THEN max(hold_expires_at) END
               AS until
      FROM bookings_booking
      WHERE session_id = %(session)s
        AND status IN ('requested', 'pending', 'confirmed', 'completed', 'no_show')) x
WHERE o.session_id = %(session)s
  AND (o.active, o.expires_at) IS DISTINCT FROM (x.live, x.until)
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A time for an offer. `by_staff` asks for free time only, whatever hours, grid and notice."""

    starts_at: datetime
    duration: timedelta
    seats: int = 1
    by_staff: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """Time that may be taken now: rows to insert, or a session to join."""

    calendar: Calendar
    starts_at: datetime
    ends_at: datetime
    buffer_before_minutes: int
    buffer_after_minutes: int
    session_id: int | None
    new_session: Session | None
    occupancies: Sequence[Occupancy]


def claim(offer: Offer, occupied: Occupied, wanted: Wanted, *, now: datetime) -> Claim:
    """Choose a calendar for the time, free it of holds that ran out, and return what to insert.

    Among several the one with the least around that time is taken, the lowest id of equals.
    Raises SlotUnavailable.
    """
    at, until = ceil_unix(wanted.starts_at), ceil_unix(wanted.starts_at + wanted.duration)
    if wanted.starts_at.microsecond or wanted.seats > offer.tier.seats:
        raise SlotUnavailable
    free = [item for item in offer.performers if _can_serve(offer, occupied, item, wanted, now)]
    if not free:
        raise SlotUnavailable
    chosen = min(free, key=lambda c: (len(occupied.busy.get(c.calendar.pk, ())), c.calendar.pk))
    tier, calendar = offer.tier, chosen.calendar
    joined = next(
        (
            item
            for item in occupied.sessions.get(calendar.pk, ())
            if (item.start, item.end) == (at, until) and item.seats_left >= wanted.seats
        ),
        None,
    )
    ends_at = wanted.starts_at + wanted.duration
    held = [] if joined else offer.held_with(calendar)
    blocked_from = wanted.starts_at - timedelta(minutes=tier.buffer_before_minutes)
    blocked_to = ends_at + timedelta(minutes=tier.buffer_after_minutes)
    _release_expired(held, occupied, blocked_from, blocked_to, now=now)
    return Claim(
        calendar=calendar,
        starts_at=wanted.starts_at,
        ends_at=ends_at,
        buffer_before_minutes=tier.buffer_before_minutes,
        buffer_after_minutes=tier.buffer_after_minutes,
        session_id=joined.session_id if joined else None,
        new_session=_new_session(tier, calendar, wanted) if tier.seats > 1 and held else None,
        occupancies=[
            Occupancy(
                calendar=item,
                blocked_from=blocked_from,
                blocked_to=blocked_to,
                exclusive=item.capacity == 1,
            )
            for item in held
        ],
    )


def take(booking: Booking, claim_: Claim, *, expires_at: datetime | None) -> None:
    """Move an existing, locked booking onto claimed time, giving up what it held; not saved.

    Raises IntegrityError when the constraint refuses; see `refusing_overlaps`.
    """
    left = booking.session_id
    Occupancy.objects.filter(booking=booking).delete()
    if claim_.new_session is not None:
        claim_.new_session.save()
    session_id = claim_.new_session.pk if claim_.new_session is not None else claim_.session_id
    booking.session_id = session_id
    booking.calendar = claim_.calendar
    booking.starts_at, booking.ends_at = claim_.starts_at, claim_.ends_at
    booking.buffer_before_minutes = claim_.buffer_before_minutes
    booking.buffer_after_minutes = claim_.buffer_after_minutes
    booking.hold_expires_at = expires_at
    booking.save()
    for row in claim_.occupancies:
        row.expires_at = expires_at
        row.session_id = session_id
        row.booking = booking if session_id is None else None
    Occupancy.objects.bulk_create(claim_.occupancies)
    for changed in {left, session_id} - {None}:
        refresh_session(changed)


def keep(booking: Booking) -> bool:
    """Make a hold last: its rows lose their end. Says False when somebody released them."""
    if booking.session_id is not None:
        has_time = Occupancy.objects.filter(session=booking.session_id, active=True).exists()
        refresh_session(booking.session_id)
        return has_time
    rows = Occupancy.objects.filter(booking=booking, active=True)
    return rows.update(expires_at=booking.hold_expires_at) > 0


def release(booking: Booking) -> None:
    """Free the booking's time, after its status was saved; repeats safely."""
    Occupancy.objects.filter(booking=booking, active=True).update(active=False)
    refresh_session(booking.session_id)


def refresh_session(session_id: int | None) -> None:
    """Let a session's time last as long as its longest hold, and free it with its last booking."""
    if session_id is not None:
        with connection.cursor() as cursor:
            cursor.execute(_REFRESH_SESSION, {"session": session_id})


def lock_booking(booking_id: str) -> Booking:
    """Lock the calendars a booking touches in id order, then the booking, and return it fresh.

    Raises Booking.DoesNotExist; Busy when it moved elsewhere in between.
    """
    known = Booking.objects.values_list("pk", "calendar_id", "calendar__staff", "session").get(
        public_id=booking_id
    )
    key, calendar_id, staff, session = known
    touched = Occupancy.objects.filter(Q(booking=key) | Q(session=session, session__isnull=False))
    which = Q(pk=calendar_id) | Q(pk__in=touched.values("calendar"))
    if staff is not None:
        which |= Q(staff=staff)
    locked = set(
        Calendar.objects.filter(which)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk", flat=True)
    )
    booking = reread(booking_id)
    if booking.calendar_id not in locked:
        raise Busy
    return booking


def reread(booking_id: str) -> Booking:
    """Lock and return a booking whose calendars are locked already. Raises DoesNotExist."""
    booking = (
        Booking.objects.select_for_update(of=("self",), no_key=True)
        .select_related("business", "contact", "service", "tier", "calendar")
        .get(public_id=booking_id)
    )
    booking.tier.service = booking.service
    booking.service.business = booking.business
    return booking


def offer_for(booking: Booking, *, now: datetime) -> tuple[Offer, Occupied]:
    """Read, under the locks held, what a booking's own time competes with; for winning it again."""
    offer = load_offer(
        tier_id=booking.tier.public_id,
        start=booking.starts_at,
        end=booking.ends_at,
        calendar_id=booking.calendar.public_id,
        also=[booking.calendar_id],
        is_locking=True,
    )
    performs = [
        CalendarHours(item.calendar, True, item.is_needed, item.schedule)  # noqa: FBT003  a row
        if item.calendar.pk == booking.calendar_id
        else item
        for item in offer.hours
    ]
    offer = Offer(offer.tier, performs)
    occupied = load_occupied(
        offer, start=booking.starts_at, end=booking.ends_at, now=now, ignored=booking.pk
    )
    return offer, occupied


def refusing_overlaps(action: Callable[P, R]) -> Callable[P, R]:
    """Turn the exclusion constraint's refusal into SlotUnavailable. Stands outside the atomic."""

    @wraps(action)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return action(*args, **kwargs)
        except IntegrityError as error:
            if sqlstate(error) == EXCLUSION_VIOLATION:
                raise SlotUnavailable from error
            raise

    return wrapped


def _can_serve(
    offer: Offer, occupied: Occupied, hours: CalendarHours, wanted: Wanted, now: datetime
) -> bool:
    # A booking that moves keeps its length, which the tier may have changed since.
    fit = replace(offer.fit, duration=int(wanted.duration.total_seconds()))
    at = ceil_unix(wanted.starts_at)
    state = occupied.state(hours, seats=wanted.seats)
    if wanted.by_staff:
        if any(item.start == at for item in state.sessions):
            return True
        start, end = at - fit.buffer_before, at + fit.duration
        clear = [
            is_free(
                occupied.state(other),
                start=start,
                end=end + fit.buffer_after,
                now=now.timestamp(),
            )
            for other in [hours, *offer.needs]
        ]
        return all(clear)
    if not all(item.calendar.is_active for item in offer.needs):
        return False
    search = Search(fit, at, at + 1, now.timestamp())
    found = search_calendar(state, search, needs=[occupied.state(need) for need in offer.needs])
    return bool(within_notice(found, fit=fit, now=now, zone=offer.zone))


def _release_expired(
    calendars: Sequence[Calendar],
    occupied: Occupied,
    blocked_from: datetime,
    blocked_to: datetime,
    *,
    now: datetime,
) -> None:
    at = now.timestamp()
    is_stale = any(
        row.expires_at is not None and row.expires_at <= at
        for calendar in calendars
        for row in occupied.busy.get(calendar.pk, ())
    )
    if is_stale:
        Occupancy.objects.filter(
            calendar__in=calendars,
            active=True,
            expires_at__lte=now,
            blocked_from__lt=blocked_to,
            blocked_to__gt=blocked_from,
        ).update(active=False)


def _new_session(tier: Tier, calendar: Calendar, wanted: Wanted) -> Session:
    return Session(
        calendar=calendar,
        tier=tier,
        starts_at=wanted.starts_at,
        ends_at=wanted.starts_at + wanted.duration,
        seats=tier.seats,
    )
