"""The parts of a letter: one fact, the details that back it, one button.

Texts are made with the recipient's language active, so builders use plain gettext.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_time
from django.utils.translation import pgettext

from accounts.models import Business, Contact
from common.money import Money
from common.templatetags.frontdesk import locale, long_date, zone_name
from events.models import Event
from notifications import links, recipients
from notifications.recipients import Person

Tone = Literal["neutral", "good", "attention", "bad"]


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """An appointment to put into the reader's calendar, or to take out again.

    `sequence` grows with each change; `uid` stays. Instants are aware UTC.
    """

    uid: str
    sequence: int
    is_canceled: bool
    starts_at: dt.datetime
    ends_at: dt.datetime
    summary: str
    location: str
    url: str
    stamped_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """A message without its form. `title` says the one fact, `lead` repeats it in a sentence."""

    title: str
    lead: str
    rows: tuple[tuple[str, str], ...] = ()
    button: tuple[str, str] | None = None
    note: str = ""
    tone: Tone = "neutral"
    calendar: CalendarEntry | None = None

    @property
    def tone_label(self) -> str:
        """Return the tone in a word or two, for readers who don't see its colour."""
        return {
            "neutral": "",
            "good": pgettext("email", "All set"),
            "attention": pgettext("email", "Please note"),
            "bad": pgettext("email", "Important"),
        }[self.tone]


@dataclass(frozen=True)
class Scene:
    """What a letter is written from: the event, for whom, and on whose behalf.

    `sender` is None where the site itself writes.
    """

    event: Event
    sender: Business | None
    person: Person
    audience: str

    @property
    def business(self) -> Business:
        """Return the business that writes; raises LookupError where none does."""
        if self.sender is None:
            raise LookupError(self.event.type)
        return self.sender

    @property
    def data(self) -> dict[str, Any]:
        """Return the event's data."""
        found: dict[str, Any] = self.event.data
        return found

    @property
    def is_customer(self) -> bool:
        """Say whether the reader is the customer rather than the business."""
        return self.audience == "customer"

    @cached_property
    def customer(self) -> Contact | None:
        """Return the customer the event is about."""
        found = recipients.contact_id_of(self.event)
        return Contact.objects.filter(public_id=found).first() if found else None

    @property
    def customer_name(self) -> str:
        """Return the customer's name, as the business knows it."""
        return self.customer.name if self.customer else ""

    def link(self, subject: str) -> str:
        """Return the address of an object's page for this reader."""
        return links.address_of(subject, self.audience)

    def money(self, name: str) -> str:
        """Write an amount of the data (minor units) the way the reader's language does."""
        return Money(int(self.data[name]), self.data["currency"]).display(locale())

    def period(self, starts: str = "starts_at", ends: str = "ends_at") -> str:
        """Write a period of the data in the business's zone, named: that is where it happens."""
        zone = self.business.zone
        start, end = (self.instant(name).astimezone(zone) for name in (starts, ends))
        return f"{day_and_clock(start)} - {clock(end)} ({zone_name(zone.key)})"

    def day(self, name: str = "starts_at") -> str:
        """Write an instant of the data as day and clock time in the business's zone."""
        return day_and_clock(self.instant(name).astimezone(self.business.zone))

    def instant(self, name: str) -> dt.datetime:
        """Return an instant of the data, aware UTC."""
        return dt.datetime.fromisoformat(self.data[name]).astimezone(dt.UTC)


LetterBuilder = Callable[[Scene], Letter]


def clock(local: dt.datetime) -> str:
    """Write the time of day the way the active language does."""
    return str(format_time(local, "short", locale=locale())).replace("\u202f", " ")


def day_and_clock(local: dt.datetime) -> str:
    """Write date and time of day the way the active language does."""
    return f"{long_date(local.date())}, {clock(local)}"


def moment(at: dt.datetime, zone: ZoneInfo) -> str:
    """Write an aware instant in a zone, which is named."""
    return f"{day_and_clock(at.astimezone(zone))} ({zone_name(zone.key)})"
