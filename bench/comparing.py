"""Ratios to a floor read in the same run, before and after each reading of ours."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from bench.load import Reading

# A machine on which the floor itself moved by more says nothing about ours.
MOST_DRIFT = 0.10

Measure = Callable[[], Reading]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The median ratio of some runs, with the readings it was made of."""

    ratio: float
    floors: list[Reading]
    ours: list[Reading]
    attempts: int

    @property
    def floor_rate(self) -> float:
        """Return the floor's median rate."""
        return statistics.median(reading.rate for reading in self.floors)

    @property
    def our_rate(self) -> float:
        """Return our median rate."""
        return statistics.median(reading.rate for reading in self.ours)

    @property
    def drift(self) -> float:
        """Return by what share the floor's first and last readings differ."""
        first, last = self.floors[0].rate, self.floors[-1].rate
        return abs(first - last) / max(first, last)

    @property
    def is_void(self) -> bool:
        """Say whether the machine was too uneven to tell."""
        return self.drift > MOST_DRIFT

    @property
    def failures(self) -> int:
        """Return how many answers were not 2xx."""
        return sum(reading.failures for reading in [*self.floors, *self.ours])


def compare(floor: Measure, ours: Measure, *, runs: int, attempts: int) -> Comparison:
    """Read floor, ours, floor, ours ... floor; each of ours against the floors around it.

    Begun again while the floor's first and last reading differ by more than a tenth, at most
    `attempts` times; the steadiest attempt is returned.
    """
    best: Comparison | None = None
    for attempt in range(1, attempts + 1):
        floors, mine = [floor()], []
        for _ in range(runs):
            mine.append(ours())
            floors.append(floor())
        ratio = statistics.median(
            reading.rate / ((before.rate + after.rate) / 2)
            for reading, before, after in zip(mine, floors[:-1], floors[1:], strict=True)
        )
        found = Comparison(ratio, floors, mine, attempt)
        if best is None or found.drift < best.drift:
            best = found
        if not found.is_void:
            break
    assert best is not None  # attempts is at least one
    return best
