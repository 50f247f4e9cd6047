"""Tiles of the admin's first page: a figure, what it means, and the list behind it.

An app adds its tiles in `apps.py: ready()`. A tile is asked with the person who looks, so that it
counts only what they may see; one that yields nothing has nothing for them.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from accounts.models import User

Group = Literal["attention", "figures"]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure. `tone` is success, warning, danger or empty; `hint` says what it compares to."""

    label: str
    value: str
    url: str
    hint: str = ""
    tone: str = ""


Reader = Callable[[User, dt.datetime], Iterable[Tile]]
_readers: dict[str, tuple[Group, Reader]] = {}


def add(name: str, group: Group, reader: Reader) -> None:
    """Add a reader of tiles, asked with an aware `now`; the same name again replaces it."""
    _readers[name] = (group, reader)


def read(group: Group, *, user: User, now: dt.datetime) -> list[Tile]:
    """Return the group's tiles for this person, in the order they were added."""
    readers = [reader for part, reader in _readers.values() if part == group]
    return [tile for reader in readers for tile in reader(user, now)]
