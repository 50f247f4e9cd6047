"""Who is told: audiences resolved by id when an event is routed, addresses when a message is sent.

Events carry ids only. `customer` is the contact the event names, `desk` the members who work the
front desk, `owner` the owners, `channel` the business's own channels, `person` whoever the event
is about, an invited one included. An app above may register
a further audience in `apps.py: ready()`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.models import Business, Contact, Invitation, Membership, Role, User
from accounts.policy import DESK, OWNERS
from events import registry
from events.models import Event
from notifications.models import BusinessChannel


@dataclass(frozen=True, slots=True)
class Person:
    """A recipient as known at the time of sending; `user_id` is the account's public id."""

    id: str
    name: str
    email: str = ""
    phone: str = ""
    locale: str = "en"
    timezone: str = ""
    user_id: str = ""


# Takes the event and returns public ids: contacts, users or channels.
Audience = Callable[[Event], list[str]]


def contact_id_of(event: Event) -> str:
    """Return the customer the event is about, from its data or from the object it names; or ''."""
    data: dict[str, Any] = event.data
    for name in ("contact", "contact_id"):
        if data.get(name):
            return str(data[name])
    if event.subject.startswith("ctc_"):
        return event.subject
    subject = str(data.get("booking") or data.get("payable_id") or event.subject)
    contact = getattr(registry.current(subject), "contact", None)
    return contact.public_id if isinstance(contact, Contact) else ""


def _customer(event: Event) -> list[str]:
    found = contact_id_of(event)
    return [found] if found else []


def _members(event: Event, roles: frozenset[Role]) -> list[str]:
    rows = Membership.objects.filter(
        business__public_id=event.business, role__in=roles, user__is_active=True
    )
    return list(rows.order_by("pk").values_list("user__public_id", flat=True))


def _channels(event: Event) -> list[str]:
    rows = BusinessChannel.objects.filter(business__public_id=event.business, is_active=True)
    return list(rows.order_by("pk").values_list("public_id", flat=True))


_audiences: dict[str, Audience] = {
    "customer": _customer,
    "desk": lambda event: _members(event, DESK),
    "owner": lambda event: _members(event, OWNERS),
    "channel": _channels,
    "person": lambda event: [event.subject],
}


def register(name: str, audience: Audience) -> None:
    """Add an audience, or say better whom an existing one holds."""
    _audiences[name] = audience


def resolve(audience: str, event: Event) -> list[str]:
    """Return the public ids of the recipients, each once, in a stable order."""
    return list(dict.fromkeys(_audiences[audience](event)))


def find_person(recipient: str, business: Business | None) -> Person | None:
    """Return the recipient as they can be reached now, or None when they are gone."""
    if recipient.startswith("ctc_"):
        contact = Contact.objects.select_related("user").filter(public_id=recipient).first()
        return _from_contact(contact) if contact else None
    if recipient.startswith("usr_"):
        user = User.objects.filter(public_id=recipient, is_active=True).first()
        return _from_user(user) if user else None
    if recipient.startswith("inv_"):
        return _from_invitation(recipient)
    channel = BusinessChannel.objects.filter(public_id=recipient, is_active=True).first()
    if channel is None:
        return None
    locale = business.locale if business else "en"
    return Person(id=channel.public_id, name=channel.name, locale=locale)


def _from_invitation(recipient: str) -> Person | None:
    """Return whom an open invitation is for; by their own language when they have an account."""
    rows = Invitation.objects.select_related("business")
    found = rows.filter(public_id=recipient, status=Invitation.Status.OPEN).first()
    if found is None:
        return None
    known = User.objects.filter(email__iexact=found.email).first()
    locale = known.locale if known else found.business.locale
    return Person(id=recipient, name="", email=found.email, locale=locale)


def _from_contact(contact: Contact) -> Person:
    account = contact.user if contact.user and contact.user.is_active else None
    return Person(
        id=contact.public_id,
        name=contact.name,
        email=contact.email or (account.email if account else ""),
        phone=contact.phone,
        locale=contact.locale,
        timezone=contact.timezone,
        user_id=account.public_id if account else "",
    )


def _from_user(user: User) -> Person:
    return Person(
        id=user.public_id,
        name=str(user),
        email=user.email,
        phone=user.phone,
        locale=user.locale,
        timezone=user.timezone,
        user_id=user.public_id,
    )
