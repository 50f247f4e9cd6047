"""Geometry of small charts, computed on the server so that a page needs no script for them."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 640
HEIGHT = 200
LABEL_ROOM = 24
TOP_ROOM = 8
BAR_SHARE = 0.64
MAX_LABELS = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in the coordinates of the drawing; an empty `label` is left out for room."""

    x: float
    y: float
    width: float
    height: float
    label: str
    label_x: float
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """A whole drawing: bars over a base line, and lines at half and full height."""

    width: int
    height: int
    base: int
    lines: tuple[float, ...]
    bars: tuple[Bar, ...]


def bars(points: Sequence[tuple[str, int]], *, written: Sequence[str] | None = None) -> BarChart:
    """Lay out one bar for each (name, value); negative values count as nothing."""
    base = HEIGHT - LABEL_ROOM
    room = base - TOP_ROOM
    top = max((value for _, value in points), default=0) or 1
    step = WIDTH / max(len(points), 1)
    every = -(-len(points) // MAX_LABELS) or 1
    drawn = []
    for index, (name, value) in enumerate(points):
        height = round(max(value, 0) / top * room, 1)
        drawn.append(
            Bar(
                x=round(step * index + step * (1 - BAR_SHARE) / 2, 1),
                y=round(base - height, 1),
                width=round(step * BAR_SHARE, 1),
                height=height,
                label=name if index % every == 0 else "",
                label_x=round(step * (index + 0.5), 1),
                name=name,
                value=written[index] if written else str(value),
            )
        )
    return BarChart(WIDTH, HEIGHT, base, (TOP_ROOM, TOP_ROOM + room / 2), tuple(drawn))
