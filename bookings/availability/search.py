"""Which starts are offered: one sweep over open time and busy time with two pointers.

Cost: O((n + m) log(n + m)) for n windows and m busy ranges, plus the starts found. "Now"
takes part twice only: holds that have run out are free, and `within_notice` trims the list;
so a list may be kept until the first of its holds runs out and trimmed when it is shown.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from bookings.availability.rules import OpenTime, Schedule, Span, open_time
from common.intervals import crowded, peak
from common.times import DAY_SECONDS, ceil_unix, local_date, wall_to_unix

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Fit:
    """What a service needs, in seconds; `horizon_days` counts local dates from today."""

    duration: int
    step: int
    buffer_before: int = 0
    buffer_after: int = 0
    notice: int = 0
    horizon_days: int = 365

    def __post_init__(self) -> None:
        """Refuse, with ValueError, what could not advance the grid or would book nothing."""
        if self.duration <= 0 or self.step <= 0:
            raise ValueError("duration and step must be positive")
        if min(self.buffer_before, self.buffer_after, self.notice, self.horizon_days) < 0:
            raise ValueError("buffers, notice and horizon cannot be negative")


class Busy(NamedTuple):
    """A blocked range in unix seconds, buffers included; a hold counts before `expires_at`."""

    start: int
    end: int
    expires_at: float | None = None


class OpenSession(NamedTuple):
    """A group session of the searched service that still has seats; joined, not fitted."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CalendarState:
    """One calendar's hours and what occupies it."""

    schedule: Schedule
    busy: Sequence[Busy] = ()
    capacity: int = 1
    sessions: Sequence[OpenSession] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Search:
    """The question: starts in `[start, end)` for a fit, as of `now` (unix seconds)."""

    fit: Fit
    start: int
    end: int
    now: float


def search_calendar(
    state: CalendarState, search: Search, *, needs: Sequence[CalendarState] = ()
) -> list[int]:
    """Return the sorted starts one calendar can serve alone, before notice and horizon.

    `needs` are further calendars that must all be open and free too, on this one's grid. A
    session that still has seats holds them already.
    """
    fit = search.fit
    times = _open_time(state, search)
    starts = _sweep(times, _full(state, search), search)
    for need in needs:
        starts = _keep_free(starts, _open_time(need, search).pieces, _full(need, search), fit)
    if not state.sessions:
        return starts
    joined = {
        session.start
        for session in state.sessions
        if search.start <= session.start < search.end
        and not _meets(times.blocks, session.start, session.end)
    }
    return sorted(joined.union(starts))


def is_free(state: CalendarState, *, start: int, end: int, now: float) -> bool:
    """Say whether a blocked range fits beside what occupies the calendar, whatever its hours."""
    live = (
        (max(busy.start, start), min(busy.end, end))
        for busy in state.busy
        if busy.expires_at is None or now < busy.expires_at
    )
    return peak(live) < state.capacity


def search_any(
    states: Mapping[K, CalendarState], search: Search, *, needs: Sequence[CalendarState] = ()
) -> dict[K, list[int]]:
    """Return each calendar's own starts; the union of them is what "any staff" offers.

    People's free time is never merged into longer stretches.
    """
    return {key: search_calendar(state, search, needs=needs) for key, state in states.items()}


def within_notice(
    starts: Sequence[int], *, fit: Fit, now: datetime, zone: ZoneInfo
) -> Sequence[int]:
    """Trim sorted starts to `now + notice` (included) and the horizon's last local date."""
    earliest = ceil_unix(now + timedelta(seconds=fit.notice))
    last = local_date(now, zone) + timedelta(days=fit.horizon_days)
    latest = wall_to_unix(last, DAY_SECONDS, zone)
    return starts[bisect_left(starts, earliest) : bisect_left(starts, latest)]


def nearest(starts: Sequence[int], *, to: int, count: int) -> list[int]:
    """Return up to `count` of the sorted starts closest to an instant, sorted by time."""
    near = sorted(starts, key=lambda at: (abs(at - to), at))[:count]
    return sorted(near)


def _open_time(state: CalendarState, search: Search) -> OpenTime:
    return open_time(state.schedule, start=search.start, end=search.end + search.fit.duration)


def _full(state: CalendarState, search: Search) -> list[Span]:
    live = [
        (start, end)
        for start, end, expires_at in state.busy
        if expires_at is None or search.now < expires_at
    ]
    return crowded(live, level=state.capacity)


def _keep_free(
    starts: Sequence[int], pieces: Sequence[Span], full: Sequence[Span], fit: Fit
) -> list[int]:
    """Keep the sorted starts whose service lies in a piece and whose blocked range is free."""
    kept: list[int] = []
    at_piece = at_full = 0
    for at in starts:
        while at_piece < len(pieces) and pieces[at_piece][1] < at + fit.duration:
            at_piece += 1
        while at_full < len(full) and full[at_full][1] <= at - fit.buffer_before:
            at_full += 1
        is_open = at_piece < len(pieces) and pieces[at_piece][0] <= at
        blocked_to = at + fit.duration + fit.buffer_after
        if is_open and (at_full == len(full) or full[at_full][0] >= blocked_to):
            kept.append(at)
    return kept


def _sweep(times: OpenTime, full: Sequence[Span], search: Search) -> list[int]:
    fit = search.fit
    lead, tail, step = fit.buffer_before, fit.duration + fit.buffer_after, fit.step
    anchors = times.anchors
    found: list[int] = []
    at_full = 0
    for piece_start, piece_end in times.pieces:
        low, stop = (
            max(piece_start, search.start),
            min(piece_end - fit.duration + 1, search.end),
        )
        grid = bisect_left(anchors, low + 1) - 1
        while low < stop:
            anchor = anchors[grid]
            grid += 1
            until = min(stop, anchors[grid]) if grid < len(anchors) else stop
            at = _on_grid(anchor, step, low)
            while at < until:
                while at_full < len(full) and full[at_full][1] + lead <= at:
                    at_full += 1
                if at_full == len(full):
                    free_until = until
                else:
                    free_until = min(until, full[at_full][0] - tail + 1)
                if at < free_until:
                    found.extend(range(at, free_until, step))
                    at = _on_grid(anchor, step, free_until)
                else:
                    at = _on_grid(anchor, step, full[at_full][1] + lead)
            low = until
    return found


def _on_grid(anchor: int, step: int, at: int) -> int:
    """Return the first point of the grid at or after an instant."""
    return at + (anchor - at) % step


def _meets(spans: Iterable[Span], start: int, end: int) -> bool:
    return any(a < end and start < b for a, b in spans)
