"""Half-open stretches of time, and the sweeps over them.

A stretch is `[start, end)`: the start belongs to it, the end does not, so stretches that
touch do not conflict. The sweeps take plain `(start, end)` pairs of any ordered type; the
slot search runs them on whole unix seconds, which costs a fraction of datetimes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self, TypeVar

T = TypeVar("T", int, datetime)


class EmptyIntervalError(ValueError):
    """The end is not after the start; such a range would overlap nothing and guard nothing."""


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A half-open range of UTC instants. Aware values of other zones are converted to UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Normalise to UTC. Raises ValueError for naive instants, EmptyIntervalError for empty."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("an interval needs aware instants")
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.end <= self.start:
            raise EmptyIntervalError(
                f"{self.end.isoformat()} is not after {self.start.isoformat()}"
            )

    @property
    def duration(self) -> timedelta:
        """Elapsed time, not a difference of wall clocks."""
        return self.end - self.start

    def overlaps(self, other: Self) -> bool:
        """Whether some instant belongs to both."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Self) -> bool:
        """Whether `other` lies inside this one wholly."""
        return self.start <= other.start and other.end <= self.end

    def widened(self, *, before: timedelta, after: timedelta) -> Self:
        """Return this range with buffers on both sides."""
        return type(self)(self.start - before, self.end + after)


def merge(spans: Iterable[tuple[T, T]]) -> list[tuple[T, T]]:
    """Join the spans that overlap or touch; sorted, disjoint, with a gap between any two.

    Empty and reversed spans are dropped: they hold no instant.
    """
    merged: list[tuple[T, T]] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def subtract(spans: Sequence[tuple[T, T]], cuts: Sequence[tuple[T, T]]) -> list[tuple[T, T]]:
    """Return what is left of `spans` outside `cuts`. Both must come from `merge`."""
    left: list[tuple[T, T]] = []
    first = 0
    for start, end in spans:
        while first < len(cuts) and cuts[first][1] <= start:
            first += 1
        at, index = start, first
        while index < len(cuts) and cuts[index][0] < end:
            if cuts[index][0] > at:
                left.append((at, cuts[index][0]))
            at = max(at, cuts[index][1])
            index += 1
        if at < end:
            left.append((at, end))
    return left


def peak(spans: Iterable[tuple[T, T]]) -> int:
    """Return the largest number of spans that share one instant; 0 without spans.

    Counting the rows that overlap a range anywhere would overstate its use.
    """
    most = level = 0
    for _, change in _edges(spans):
        level += change
        most = max(most, level)
    return most


def crowded(spans: Iterable[tuple[T, T]], *, level: int) -> list[tuple[T, T]]:
    """Return the stretches during which at least `level` spans run at once, merged.

    Raises ValueError for a level below one.
    """
    if level < 1:
        raise ValueError("a level below one is everywhere")
    if level == 1:
        return merge(spans)
    found: list[tuple[T, T]] = []
    running = 0
    since: T | None = None
    for at, change in _edges(spans):
        running += change
        if since is None and running >= level:
            since = at
        elif since is not None and running < level:
            found.append((since, at))
            since = None
    return merge(found)


def _edges(spans: Iterable[tuple[T, T]]) -> list[tuple[T, int]]:
    """Sorted by time, ends before starts, so that touching spans never count together."""
    edges: list[tuple[T, int]] = []
    for start, end in spans:
        if start < end:
            edges.append((start, 1))
            edges.append((end, -1))
    edges.sort()
    return edges
