"""Writing in the conversation of a booking."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import auditing
from accounts.models import User
from bookings import events as booking_events
from bookings.models import Booking, ConversationMessage
from common.errors import NotFound, ValidationFailed
from events import actions as events

LONGEST_MESSAGE = 4000


@transaction.atomic
def post_message(
    *,
    booking_id: str,
    side: ConversationMessage.Side,
    body: str,
    now: datetime,
    author: User | None = None,
    author_name: str = "",
    actor: str = "",
) -> ConversationMessage:
    """Add a message to the conversation; the other side is told by the recorded event.

    A guest writes without `author`, under the contact's name. Raises NotFound for an unknown
    booking and ValidationFailed for an empty message or one of more than 4,000 characters.
    """
    booking = (
        Booking.objects.select_for_update(of=("self",), no_key=True)
        .select_related("business", "contact")
        .filter(public_id=booking_id)
        .first()
    )
    if booking is None:
        raise NotFound
    text = body.replace("\x00", "").strip()
    if not text or len(text) > LONGEST_MESSAGE:
        sentence = str(_("Write between 1 and 4,000 characters."))
        raise ValidationFailed(details=[{"field": "body", "message": sentence}])
    name = author_name or (str(author) if author is not None else booking.contact.name)
    message = ConversationMessage.objects.create(
        booking=booking, side=side, author=author, author_name=name, body=text, created_at=now
    )
    if side == ConversationMessage.Side.BUSINESS:
        auditing.note(
            booking, action="booking.message", actor=actor, after={"message": message.public_id}
        )
    events.record(booking_events.message_posted(message, actor=actor))
    return message
