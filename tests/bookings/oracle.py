"""Slot search done the slow way: every rule read minute by minute, nothing shared with the engine.

A wall time becomes an instant by looking for the first minute whose local reading has reached
it, which is what both clock-change rules come down to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = 60


@dataclass
class Question:
    """Everything in whole minutes where the engine takes seconds; instants are unix seconds."""

    zone: ZoneInfo
    first_date: date
    last_date: date
    start: int
    end: int
    now: int
    weekly: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)
    overrides: Mapping[date, Sequence[tuple[int, int]]] = field(default_factory=dict)
    blocks: Sequence[tuple[int, int]] = ()
    busy: Sequence[tuple[int, int, int | None]] = ()
    capacity: int = 1
    duration: int = 60
    step: int = 60
    before: int = 0
    after: int = 0
    notice: int = 0
    horizon: int = 365


def offered(question: Question) -> list[int]:
    """Return the starts that satisfy every rule, by trying every minute of the range."""
    return _Naive(question).starts()


class _Naive:
    def __init__(self, question: Question) -> None:
        self.q = question
        low = datetime.combine(question.first_date, datetime.min.time(), question.zone)
        self.base = int(low.timestamp()) // MINUTE - 4 * 1440
        minutes = ((question.last_date - question.first_date).days + 9) * 1440
        self.readings = [
            datetime.fromtimestamp((self.base + i) * MINUTE, question.zone).replace(tzinfo=None)
            for i in range(minutes)
        ]
        self.open: set[int] = set()
        self.anchors: set[int] = set()
        day = question.first_date - timedelta(days=2)
        while day <= question.last_date + timedelta(days=2):
            own = self._minutes_of(day)
            self.open |= own
            self.anchors |= {minute for minute in own if minute - 1 not in own}
            day += timedelta(days=1)

    def starts(self) -> list[int]:
        q = self.q
        return [
            minute * MINUTE
            for minute in range(-(-q.start // MINUTE), -(-q.end // MINUTE))
            if self._fits(minute)
        ]

    def _first_reading(self, wall: datetime) -> int:
        guess = max(0, self._index_before(wall))
        for index in range(guess, len(self.readings)):
            if self.readings[index] >= wall:
                return self.base + index
        raise AssertionError("the scan is too short")

    def _index_before(self, wall: datetime) -> int:
        return int((wall - self.readings[0]).total_seconds() // MINUTE) - 30 * 60

    def _minutes_of(self, day: date) -> set[int]:
        q = self.q
        openings = q.overrides[day] if day in q.overrides else q.weekly.get(day.weekday(), ())
        found: set[int] = set()
        midnight = datetime.combine(day, datetime.min.time())
        for start, end in openings:
            ends = end if end > start else end + 1440
            if end == 1440 and end <= start:
                ends = 1440
            found |= set(
                range(
                    self._first_reading(midnight + timedelta(minutes=start)),
                    self._first_reading(midnight + timedelta(minutes=ends)),
                )
            )
        return found

    def _fits(self, minute: int) -> bool:
        q = self.q
        service = range(minute, minute + q.duration)
        return (
            all(m in self.open for m in service)
            and self._is_on_grid(minute)
            and not any(a <= m * MINUTE < b for m in service for a, b in q.blocks)
            and self._is_soon_enough(minute * MINUTE)
            and all(
                self._used(m) < q.capacity
                for m in range(minute - q.before, minute + q.duration + q.after)
            )
        )

    def _is_on_grid(self, minute: int) -> bool:
        anchor = minute
        while anchor not in self.anchors:
            anchor -= 1
        return (minute - anchor) % self.q.step == 0

    def _is_soon_enough(self, at: int) -> bool:
        q = self.q
        today = datetime.fromtimestamp(q.now, q.zone).date()
        last = today + timedelta(days=q.horizon)
        is_within = datetime.fromtimestamp(at, q.zone).date() <= last
        return is_within and at >= q.now + q.notice * MINUTE

    def _used(self, minute: int) -> int:
        live = [(a, b) for a, b, until in self.q.busy if until is None or self.q.now < until]
        return sum(a <= minute * MINUTE < b for a, b in live)
