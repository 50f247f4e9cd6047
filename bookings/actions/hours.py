"""Opening hours, special days and blocked periods of a business or of one of its calendars."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import auditing
from accounts.models import Business
from bookings import events as booking_events
from bookings.models import BlockedPeriod, Calendar, DateOverride, WeeklyRule
from bookings.queries import versions
from common.errors import Conflict, NotFound, ValidationFailed
from common.intervals import EmptyIntervalError, Interval
from events import actions as events

Opening = tuple[dt.time, dt.time]


def availability_edited(
    *, business: Business, calendars: Sequence[Calendar] = (), actor: str = ""
) -> None:
    """Record that hours or the offer changed and make cached slots stale after commit.

    For every door that saves services, tiers, calendars or hours itself; needs the transaction of
    that change. Without calendars the whole business is meant. Repeats safely.
    """
    ids = [calendar.public_id for calendar in calendars]
    events.record(
        booking_events.availability_changed(business=business.public_id, calendars=ids, actor=actor)
    )
    versions.bump_after_commit(ids or [business.public_id])


@transaction.atomic
def set_weekly_hours(
    *,
    business: Business,
    openings: Mapping[int, Sequence[Opening]],
    calendar: Calendar | None = None,
    actor: str = "",
) -> list[WeeklyRule]:
    """Replace the week of a business or of one calendar; weekday 0 is Monday.

    Times are wall clock in the business's zone; an end at or before its start runs into the next
    date. A calendar without openings uses the business's again. The same week again changes
    nothing that shows. Raises ValidationFailed for an unknown weekday, Conflict for another's
    calendar.
    """
    _own(business, calendar)
    if not set(openings) <= set(range(7)):
        raise ValidationFailed(details=[{"field": "weekday", "message": str(_("Unknown day."))}])
    rules = WeeklyRule.objects.filter(business=business, calendar=calendar)
    former = [str(rule) for rule in rules]
    rules.delete()
    made = WeeklyRule.objects.bulk_create(
        [
            WeeklyRule(
                business=business,
                calendar=calendar,
                weekday=weekday,
                start_time=start,
                end_time=end,
            )
            for weekday, of_day in openings.items()
            for start, end in of_day
        ]
    )
    auditing.note(
        calendar or business,
        action="hours.set_week",
        actor=actor,
        before={"hours": former},
        after={"hours": [str(rule) for rule in made]},
    )
    availability_edited(business=business, calendars=_listed(calendar), actor=actor)
    return made


@transaction.atomic
def override_date(
    *,
    business: Business,
    date: dt.date,
    openings: Sequence[Opening] | None,
    calendar: Calendar | None = None,
    note: str = "",
    actor: str = "",
) -> list[DateOverride]:
    """Replace what opens on one local date; an empty list closes it, None lifts the override.

    Repeats safely. Raises Conflict for another's calendar.
    """
    _own(business, calendar)
    known = DateOverride.objects.filter(business=business, calendar=calendar, date=date)
    former = [str(row) for row in known]
    known.delete()
    rows: list[tuple[dt.time | None, dt.time | None]] = [*(openings or [])]
    if openings is not None and not rows:
        rows = [(None, None)]
    made = DateOverride.objects.bulk_create(
        [
            DateOverride(
                business=business,
                calendar=calendar,
                date=date,
                start_time=start,
                end_time=end,
                note=note,
            )
            for start, end in rows
        ]
    )
    auditing.note(
        calendar or business,
        action="hours.override_date",
        actor=actor,
        before={"hours": former},
        after={"date": date, "hours": [str(row) for row in made]},
    )
    availability_edited(business=business, calendars=_listed(calendar), actor=actor)
    return made


@transaction.atomic
def block_time(
    *,
    business: Business,
    calendar: Calendar | None = None,
    dates: tuple[dt.date, dt.date] | None = None,
    period: tuple[dt.datetime, dt.datetime] | None = None,
    reason: str = "",
    actor: str = "",
) -> BlockedPeriod:
    """Cut whole local dates (both included) or two aware instants out of the opening hours.

    Bookings that are there stay. Raises ValidationFailed unless exactly one of the two is given
    and runs forward, Conflict for another's calendar.
    """
    _own(business, calendar)
    block = BlockedPeriod(business=business, calendar=calendar, reason=reason)
    if dates is not None and period is None and dates[0] <= dates[1]:
        block.first_date, block.last_date = dates
    elif period is not None and dates is None:
        try:
            interval = Interval(*period)
        except EmptyIntervalError as error:
            raise _reversed_range() from error
        block.starts_at, block.ends_at = interval.start, interval.end
    else:
        raise _reversed_range()
    block.save()
    auditing.note(block, action="hours.close", actor=actor, after=_told(block))
    availability_edited(business=business, calendars=_listed(calendar), actor=actor)
    return block


@transaction.atomic
def unblock_time(*, business: Business, block_id: str, actor: str = "") -> None:
    """Open a blocked period again, by its public id. Raises NotFound."""
    block = (
        BlockedPeriod.objects.select_for_update(of=("self",))
        .select_related("calendar")
        .filter(business=business, public_id=block_id)
        .first()
    )
    if block is None:
        raise NotFound
    auditing.note(block, action="hours.open", actor=actor, before=_told(block))
    block.delete()
    availability_edited(business=business, calendars=_listed(block.calendar), actor=actor)


def _told(block: BlockedPeriod) -> dict[str, Any]:
    names = ("first_date", "last_date", "starts_at", "ends_at", "calendar", "reason")
    return {name: value for name in names if (value := getattr(block, name))}


def _own(business: Business, calendar: Calendar | None) -> None:
    if calendar is not None and calendar.business_id != business.pk:
        raise Conflict


def _listed(calendar: Calendar | None) -> list[Calendar]:
    return [] if calendar is None else [calendar]


def _reversed_range() -> ValidationFailed:
    sentence = str(_("Give a first and a last day, or two times, in order."))
    return ValidationFailed(details=[{"field": "period", "message": sentence}])
