"""What happens when a fact was recorded: open pages hear of it, and messages are queued.

Nothing is sent from here except the hint to open pages; each message is a row of its own, so one
that fails holds up no other.
"""

from typing import Any

from accounts.models import Contact
from events import registry
from events.models import Event
from notifications import actions, catalogue
from notifications.realtime import publisher
from notifications.recipients import contact_id_of

_PREFIXES = {
    "booking.created": "booking:created",
    "booking.requested": "booking:created",
    "booking.": "booking:statusUpdate",
    "payment.": "payment:update",
    "refund.": "payment:update",
    "conversation.": "chat:message",
}
PUSHED = ("booking.*", "payment.*", "refund.*", "conversation.*")


def message_type(event_type: str) -> str:
    """Return the socket message that tells of a type of event."""
    exact = _PREFIXES.get(event_type)
    return exact or _PREFIXES[f"{event_type.partition('.')[0]}."]


def rooms_of(event: Event) -> list[str]:
    """Return who hears of an event: the staff, the booking's room, the customer's own."""
    data: dict[str, Any] = event.data
    rooms = [f"staff:{event.business}"]
    booking = _booking_of(event)
    if booking:
        rooms.append(f"booking:{booking}")
    contact = contact_id_of(event)
    user = (
        Contact.objects.filter(public_id=contact)
        .exclude(user=None)
        .values_list("user__public_id", flat=True)
        .first()
        if contact
        else None
    )
    return [*rooms, f"user:{user}"] if user and data is not None else rooms


def _booking_of(event: Event) -> str:
    candidates = (event.data.get("booking"), event.data.get("payable_id"), event.subject)
    return next((str(c) for c in candidates if c and str(c).startswith("bkg_")), "")


@registry.fact("notifications.push", on=PUSHED)
def push(event: Event) -> None:
    """Tell open pages that something changed; they re-read what they may see."""
    booking = _booking_of(event)
    message = {
        "type": message_type(event.type),
        "id": event.data.get("id") or event.subject,
        "version": event.data.get("version", 0),
        "status": event.data.get("status", ""),
    }
    if booking and booking != message["id"]:
        message["booking"] = booking
    publisher.publish(rooms=rooms_of(event), message=message)


@registry.fact("notifications.end_sockets", on=("user.sessions_ended", "device.ended"))
def end_sockets(event: Event) -> None:
    """Let the account's sockets prove themselves again: those of an ended session close."""
    publisher.close_sockets(user=event.data.get("user", event.subject))


@registry.fact("notifications.notify", on=catalogue.EVENT_TYPES)
def notify(event: Event) -> None:
    """Queue one message for each recipient and channel; a second run adds none."""
    actions.queue_messages(event=event)


@registry.fact("notifications.recheck", on=("member.removed", "member.role_changed"))
def recheck(event: Event) -> None:
    """Let a member's open pages prove their rights again: they leave rooms no longer theirs."""
    publisher.close_sockets(user=event.subject)
