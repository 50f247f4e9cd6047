"""What slot search and booking need to know, read by two statements of constant number.

The first reads a tier with everything above it and the hours of every calendar that takes part
(and locks those calendars when asked), the second what occupies them. With a lock the second is
a statement of its own on purpose: only then does its snapshot hold what the lock waited for.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice, product
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import orjson
from django.db import models

from accounts.models import Business
from bookings.availability import Busy, CalendarState, Fit, Hours, OpenSession, Schedule
from bookings.models import Calendar, Service, Tier
from common.errors import NotFound
from common.postgres.base import prepared_cursor
from common.times import DAY_SECONDS, EARLIEST_DATE, LATEST_DATE, wall_to_unix

M = TypeVar("M", bound=models.Model)

# Longest tier (7 days) and buffers (a day each) with room to spare.
_SLACK = timedelta(days=10)
_BUSINESS_FIELDS = (
    "id",
    "public_id",
    "slug",
    "name",
    "timezone",
    "currency",
    "locale",
    "is_active",
)
_SERVICE_FIELDS = ("id", "public_id", "business_id", "slug", "name", "is_active")


def _columns(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field_.attname for field_ in model._meta.concrete_fields)


_FIELDS: Sequence[tuple[type[models.Model], str, tuple[str, ...]]] = (
    (Tier, "t", _columns(Tier)),
    (Service, "s", _SERVICE_FIELDS),
    (Business, "b", _BUSINESS_FIELDS),
    (Calendar, "c", _columns(Calendar)),
)
_SELECTED = ", ".join(f"{alias}.{name}" for _, alias, names in _FIELDS for name in names)
_SECONDS = "extract(epoch FROM {})::int"

_OFFER = f"""
SELECT {_SELECTED},
  part.performs, part.is_needed,
  (SELECT json_agg(json_build_array(r.calendar_id IS NOT NULL, r.weekday,
            {_SECONDS.format("r.start_time")}, {_SECONDS.format("r.end_time")}))
   FROM bookings_weeklyrule r
   WHERE r.business_id = c.business_id AND (r.calendar_id = c.id OR r.calendar_id IS NULL))::text,
  (SELECT json_agg(json_build_array(o.calendar_id IS NOT NULL, o.date,
            {_SECONDS.format("o.start_time")}, {_SECONDS.format("o.end_time")}))
   FROM bookings_dateoverride o
   WHERE o.business_id = c.business_id AND (o.calendar_id = c.id OR o.calendar_id IS NULL)
     AND o.date BETWEEN %(first)s AND %(last)s)::text,
  (SELECT json_agg(json_build_array(k.first_date, k.last_date,
            floor(extract(epoch FROM k.starts_at))::bigint,
            ceil(extract(epoch FROM k.ends_at))::bigint))
   FROM bookings_blockedperiod k
   WHERE k.business_id = c.business_id AND (k.calendar_id = c.id OR k.calendar_id IS NULL)
     AND ((k.last_date >= %(first)s AND k.first_date <= %(last)s)
          OR (k.ends_at > %(first)s AND k.starts_at < %(last)s)))::text
FROM bookings_tier t
JOIN bookings_service s ON s.id = t.service_id
JOIN accounts_business b ON b.id = s.business_id
CROSS JOIN LATERAL (
  SELECT u.id, bool_or(u.performs) AS performs, bool_or(u.is_needed) AS is_needed FROM (
    SELECT pc.id, true AS performs, false AS is_needed
    FROM bookings_service_performers p JOIN bookings_calendar pc ON pc.id = p.calendar_id
    WHERE p.service_id = s.id {{only}}
    UNION ALL
    SELECT n.calendar_id, false, true FROM bookings_service_needs n WHERE n.service_id = s.id
    UNION ALL
    SELECT other.id, false, false FROM bookings_service_performers p
    JOIN bookings_calendar pc ON pc.id = p.calendar_id
    JOIN bookings_calendar other ON other.staff_id = pc.staff_id
    WHERE p.service_id = s.id {{only}}
    {{also}}) u
  GROUP BY u.id) part
JOIN bookings_calendar c ON c.id = part.id
WHERE t.public_id = %(tier)s
ORDER BY c.id
"""  # noqa: S608  column names of our own models
_ONLY = "AND pc.public_id = %(calendar)s"
_ALSO = "UNION ALL SELECT unnest(%(also)s::bigint[]), false, false"
# Inserts that refer to a calendar take a key share lock on it, which this one lets pass.
_LOCK = "FOR NO KEY UPDATE OF c"
# A text for each kind of question: what a text does not need would keep the server from planning
# it once for all values.
_OFFERS = {
    (has_calendar, has_more, is_locking): _OFFER.format(
        only=_ONLY if has_calendar else "", also=_ALSO if has_more else ""
    )
    + (_LOCK if is_locking else "")
    for has_calendar, has_more, is_locking in product((False, True), repeat=3)
}

_BUSY = """
SELECT o.calendar_id, floor(extract(epoch FROM o.blocked_from))::bigint,
       ceil(extract(epoch FROM o.blocked_to))::bigint, extract(epoch FROM o.expires_at)::float8
FROM bookings_occupancy o
WHERE o.calendar_id = ANY(%(calendars)s) AND o.active
  AND o.blocked_to > %(start)s AND o.blocked_from < %(end)s
  AND (%(ignored)s::bigint IS NULL OR o.booking_id IS DISTINCT FROM %(ignored)s)
"""
_BUSY_WITH_SESSIONS = """
SELECT o.calendar_id, floor(extract(epoch FROM o.blocked_from))::bigint,
       ceil(extract(epoch FROM o.blocked_to))::bigint, extract(epoch FROM o.expires_at)::float8,
       n.id, extract(epoch FROM n.starts_at)::bigint, extract(epoch FROM n.ends_at)::bigint,
       n.seats - coalesce(taken.seats, 0), taken.until
FROM bookings_occupancy o
LEFT JOIN bookings_session n
  ON n.id = o.session_id AND n.tier_id = %(tier)s AND n.calendar_id = o.calendar_id
LEFT JOIN LATERAL (
  SELECT sum(k.seats) AS seats, min(extract(epoch FROM k.hold_expires_at))::float8 AS until
  FROM bookings_booking k
  WHERE k.session_id = n.id AND (%(ignored)s::bigint IS NULL OR k.id <> %(ignored)s)
    AND (k.status IN ('confirmed', 'completed', 'no_show')
         OR (k.status IN ('requested', 'pending') AND k.hold_expires_at > %(now)s))) taken ON true
WHERE o.calendar_id = ANY(%(calendars)s) AND o.active
  AND o.blocked_to > %(start)s AND o.blocked_from < %(end)s
  AND (%(ignored)s::bigint IS NULL OR o.booking_id IS DISTINCT FROM %(ignored)s)
"""


@dataclass(frozen=True, slots=True)
class CalendarHours:
    """A calendar, its part in the service and when it is open."""

    calendar: Calendar
    performs: bool
    is_needed: bool
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Offer:
    """A tier with its service, business and every calendar a booking may touch, by id."""

    tier: Tier
    hours: Sequence[CalendarHours]

    @property
    def business(self) -> Business:
        """Return the owner of all of it."""
        return self.tier.service.business

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone of the wall-clock times."""
        return self.business.zone

    @property
    def fit(self) -> Fit:
        """Return what the tier needs of a calendar."""
        return self.tier.fit

    @property
    def is_offered(self) -> bool:
        """Say whether customers may book it at all."""
        service = self.tier.service
        return self.tier.is_active and service.is_active and service.business.is_active

    @property
    def performers(self) -> list[CalendarHours]:
        """Return the calendars of which one is booked."""
        return [item for item in self.hours if item.performs and item.calendar.is_active]

    @property
    def needs(self) -> list[CalendarHours]:
        """Return the calendars that are booked besides."""
        return [item for item in self.hours if item.is_needed]

    def held_with(self, calendar: Calendar) -> list[Calendar]:
        """Return every calendar a booking on this one occupies, itself first.

        The others are what the service needs and the same person's calendars elsewhere.
        """
        others = [
            item.calendar
            for item in self.hours
            if item.calendar.pk != calendar.pk
            and (
                item.is_needed
                or (calendar.staff_id is not None and item.calendar.staff_id == calendar.staff_id)
            )
        ]
        return [calendar, *others]


@dataclass(frozen=True, slots=True)
class SessionSeats:
    """A session of the tier and the seats left; `until` is when the first held one comes free."""

    session_id: int
    start: int
    end: int
    seats_left: int
    until: float | None


@dataclass(frozen=True, slots=True)
class Occupied:
    """What occupies the calendars of an offer, by calendar row id."""

    busy: dict[int, list[Busy]] = field(default_factory=lambda: defaultdict(list))
    sessions: dict[int, list[SessionSeats]] = field(default_factory=lambda: defaultdict(list))

    def state(self, hours: CalendarHours, *, seats: int = 1) -> CalendarState:
        """Return the calendar as the slot search sees it, for so many seats."""
        key = hours.calendar.pk
        return CalendarState(
            schedule=hours.schedule,
            busy=self.busy.get(key, ()),
            capacity=hours.calendar.capacity,
            sessions=[
                OpenSession(item.start, item.end)
                for item in self.sessions.get(key, ())
                if item.seats_left >= seats
            ],
        )

    def first_expiry(self, now: float) -> float | None:
        """Return when the first live hold runs out; a list made now is right until then."""
        ends = [b.expires_at for rows in self.busy.values() for b in rows if b.expires_at]
        ends += [s.until for rows in self.sessions.values() for s in rows if s.until]
        return min((end for end in ends if end > now), default=None)


def load_offer(
    *,
    tier_id: str,
    start: datetime,
    end: datetime,
    calendar_id: str = "",
    also: Iterable[int] = (),
    is_locking: bool = False,
) -> Offer:
    """Read a tier with the hours that matter to `[start, end)`; one statement.

    `calendar_id` narrows the performers to one. `also` adds calendars by row id. Locking takes
    the calendars' rows in id order and needs a transaction. Raises NotFound for an unknown tier
    and for one that no (such) calendar performs.
    """
    first, last = start - _SLACK, end + _SLACK
    more = list(also)
    with prepared_cursor() as cursor:
        cursor.execute(
            _OFFERS[bool(calendar_id), bool(more), is_locking],
            {
                "tier": tier_id,
                "calendar": calendar_id,
                "also": more,
                "first": first,
                "last": last,
            },
        )
        rows = cursor.fetchall()
    if not rows:
        raise NotFound
    values = iter(rows[0])
    tier, service, business = (_instance(m, n, values) for m, _, n in _FIELDS[:3])
    service.business = business
    tier.service = service
    schedules: dict[tuple[Any, ...], Schedule] = {}
    skipped = sum(len(names) for _, _, names in _FIELDS[:3])
    hours = []
    for row in rows:
        rest = islice(row, skipped, None)
        calendar = _instance(Calendar, _FIELDS[3][2], rest)
        performs, is_needed, *texts = rest
        key = tuple(texts)
        if key not in schedules:
            schedules[key] = _schedule(business.zone, *(orjson.loads(t or "[]") for t in texts))
        if calendar.business_id == business.pk:
            calendar.business = business
        hours.append(CalendarHours(calendar, performs, is_needed, schedules[key]))
    if not any(item.performs for item in hours) and not more:
        raise NotFound
    return Offer(tier=tier, hours=hours)


def load_occupied(
    offer: Offer, *, start: datetime, end: datetime, now: datetime, ignored: int | None = None
) -> Occupied:
    """Read what occupies the offer's calendars around service ranges in `[start, end)`.

    One statement. `ignored` is the row id of a booking that is about to move away.
    """
    tier = offer.tier
    parameters: dict[str, Any] = {
        "calendars": [item.calendar.pk for item in offer.hours],
        "start": start - timedelta(minutes=tier.buffer_before_minutes),
        "end": end + timedelta(minutes=tier.duration_minutes + tier.buffer_after_minutes),
        "ignored": ignored,
        "tier": tier.pk,
        "now": now,
    }
    occupied = Occupied()
    with prepared_cursor() as cursor:
        cursor.execute(_BUSY_WITH_SESSIONS if tier.seats > 1 else _BUSY, parameters)
        if tier.seats == 1:
            for key, begins, ends, expires in cursor:
                occupied.busy[key].append(Busy(begins, ends, expires))
            return occupied
        for key, begins, ends, expires, session, opens, closes, left, until in cursor:
            occupied.busy[key].append(Busy(begins, ends, expires))
            if session is not None and (expires is None or now.timestamp() < expires):
                occupied.sessions[key].append(SessionSeats(session, opens, closes, left, until))
    return occupied


def _instance(model: type[Any], names: Sequence[str], values: Any) -> Any:
    return model.from_db("default", list(names), list(islice(values, len(names))))


def _schedule(zone: ZoneInfo, weekly: Any, overrides: Any, blocks: Any) -> Schedule:
    """Let a calendar's own weekly rules, and its own rows for a date, replace the business's."""
    is_own = any(own for own, *_ in weekly)
    week: dict[int, list[Hours]] = defaultdict(list)
    for own, weekday, start, end in weekly:
        if own == is_own:
            week[weekday].append(Hours(start, end))
    own_dates = {day for own, day, *_ in overrides if own}
    dates: dict[date, list[Hours]] = defaultdict(list)
    for own, day, start, end in overrides:
        if own or day not in own_dates:
            openings = dates[date.fromisoformat(day)]
            if start is not None:
                openings.append(Hours(start, end))
    cuts = []
    for first, last, start, end in blocks:
        if first is not None:
            begins = wall_to_unix(max(date.fromisoformat(first), EARLIEST_DATE), 0, zone)
            ends = wall_to_unix(min(date.fromisoformat(last), LATEST_DATE), DAY_SECONDS, zone)
            cuts.append((begins, ends))
        else:
            cuts.append((start, end))
    return Schedule(zone, dict(week), dict(dates), cuts)
