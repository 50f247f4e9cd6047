"""Reads of the talk on a booking."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.policy import Actor
from bookings.models import Booking, ConversationMessage

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One message as its reader sees it."""

    public_id: str
    author_name: str
    body: str
    created_at: datetime
    is_mine: bool


def side_of(booking: Booking, *, actor: Actor) -> ConversationMessage.Side:
    """Return for which side the actor speaks: the customer of the booking, else the business."""
    is_customer = not isinstance(actor, User) or booking.contact.user_id == actor.pk
    return ConversationMessage.Side.CUSTOMER if is_customer else ConversationMessage.Side.BUSINESS


def lines(booking: Booking, *, actor: Actor) -> list[Line]:
    """Return the newest messages in their order; one statement."""
    side = side_of(booking, actor=actor)
    rows = ConversationMessage.objects.filter(booking=booking).order_by("-id")[:_SHOWN]
    return [
        Line(row.public_id, row.author_name, row.body, row.created_at, row.side == side)
        for row in reversed(rows)
    ]
