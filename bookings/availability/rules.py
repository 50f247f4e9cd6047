"""Opening hours turned into UTC windows with the anchors of their grids.

Weekly rules and date overrides are wall-clock times in the calendar's zone; a window
belongs to the local date on which it starts. Everything returned is whole unix seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from common.intervals import merge, subtract
from common.times import DAY_SECONDS, dates_between, unix_date, wall_to_unix

Span = tuple[int, int]


class Hours(NamedTuple):
    """One opening in seconds past local midnight.

    An end at or before the start runs into the next date; 86400 is that date's midnight.
    """

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """When one calendar is open.

    `weekly` maps weekdays (Monday is 0) to openings. An entry in `overrides` replaces every
    opening that starts on its date, an empty one closes it. `blocks` are unix ranges that are
    cut out whatever opens them.
    """

    zone: ZoneInfo
    weekly: Mapping[int, Sequence[Hours]] = field(default_factory=dict)
    overrides: Mapping[date, Sequence[Hours]] = field(default_factory=dict)
    blocks: Sequence[Span] = ()

    def hours_on(self, day: date) -> Sequence[Hours]:
        """Return the openings that start on a local date."""
        override = self.overrides.get(day)
        return self.weekly.get(day.weekday(), ()) if override is None else override


@dataclass(frozen=True, slots=True)
class OpenTime:
    """Open stretches less blocks, and the instants at which grids start; both sorted."""

    pieces: list[Span]
    anchors: list[int]
    blocks: list[Span]


def open_time(schedule: Schedule, *, start: int, end: int) -> OpenTime:
    """Return the open time that matters to service ranges inside `[start, end)`.

    Pieces at the edges may reach outside the range. A window that started up to a day before
    still carries its own grid, so the answer for an instant does not depend on the range.
    """
    zone = schedule.zone
    first = unix_date(start, zone) - timedelta(days=2)
    last = unix_date(end, zone) + timedelta(days=1)
    windows: list[Span] = []
    anchors: set[int] = set()
    for day in dates_between(first, last):
        of_day = merge(_window(day, hours, zone) for hours in schedule.hours_on(day))
        windows += of_day
        anchors.update(at for at, _ in of_day)
    blocks = merge(schedule.blocks)
    return OpenTime(pieces=subtract(merge(windows), blocks), anchors=sorted(anchors), blocks=blocks)


def _window(day: date, hours: Hours, zone: ZoneInfo) -> Span:
    start = wall_to_unix(day, hours.start, zone)
    if hours.end > hours.start:
        return start, wall_to_unix(day, hours.end, zone)
    return start, wall_to_unix(day + timedelta(days=1), hours.end % DAY_SECONDS, zone)
