"""Who is here now. The app that keeps the sockets registers a reader in `apps.py: ready()`."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

State = Literal["online", "idle", "offline"]
# Without an act of the person for so long, an open page means that it was left open.
IDLE_AFTER: Final = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether a person has a page open, and when they were last seen (aware), if that is known."""

    state: State = "offline"
    last_seen: dt.datetime | None = None


class Reader(Protocol):
    """Reads presence of accounts by public id; knows nothing while its store is away."""

    def read(self, ids: Collection[str]) -> Mapping[str, Presence]:
        """Return what is known of these accounts."""

    def online(self) -> Collection[str]:
        """Return the accounts that have a page open."""

    def drop(self, user_id: str) -> None:
        """Let the account's pages prove themselves again at once, after its access ended."""


_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Ask this reader; the last one registered counts."""
    _readers[:] = [reader]


def read(ids: Collection[str]) -> dict[str, Presence]:
    """Return the presence of each account, in one look-up."""
    found = _readers[0].read(ids) if _readers and ids else {}
    return {public_id: found.get(public_id, Presence()) for public_id in ids}


def online() -> Collection[str]:
    """Return the public ids of accounts with an open page."""
    return _readers[0].online() if _readers else []


def drop(user_id: str) -> None:
    """Close the account's open pages if it has no access any more; never raises."""
    if _readers:
        _readers[0].drop(user_id)
