"""What a transport is given and what it must do.

A transport translates only: it decides nothing about rows. Failures are TransportError, whose
flags alone decide what happens next.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from events.lanes import Lane
from notifications.letters.base import Letter


@dataclass(frozen=True, slots=True)
class Brand:
    """The business a message comes from, as readers see it."""

    id: str
    name: str
    accent: str
    email: str = ""
    phone: str = ""
    address: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A letter addressed. `id` is the same at every attempt, so that receivers can tell repeats."""

    id: str
    address: str
    name: str
    locale: str
    topic: str
    subject: str
    letter: Letter
    brand: Brand
    happened_at: dt.datetime


class Transport(Protocol):
    """One channel."""

    code: str
    # Lane of its rows: what waits for other people's servers must not hold up the default lane.
    lane: Lane
    # Whether a repeat after an unknown outcome does little harm.
    can_repeat: bool

    def accepts(self, address: str) -> bool:
        """Say whether a business may give this address; False where it gives none."""

    def send(self, message: Message) -> str:
        """Send and return the provider's id ('' when it has none).

        Called with the recipient's language active and no transaction open. Raises TransportError.
        """
