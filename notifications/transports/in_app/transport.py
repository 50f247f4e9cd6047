"""Writes a line into somebody's feed and tells their open pages."""

import logging

from redis.exceptions import RedisError

from accounts.models import Business, User
from events.lanes import Lane
from notifications.errors import TransportError
from notifications.models import FeedItem
from notifications.realtime import publisher
from notifications.transports.base import Message

logger = logging.getLogger(__name__)


class InAppTransport:
    """The feed is our own table, so a repeat finds the line it wrote."""

    code = "in_app"
    lane = Lane.DEFAULT
    can_repeat = True

    def accepts(self, address: str) -> bool:
        """Refuse: a feed belongs to an account."""
        return False

    def send(self, message: Message) -> str:
        """Add the line once; the hint to open pages may be lost, the line is not."""
        user = User.objects.filter(public_id=message.address).first()
        if user is None:
            raise TransportError("the account is gone", is_permanent=True)
        item, _created = FeedItem.objects.get_or_create(
            notification_id=message.id,
            defaults={
                "user": user,
                "business": Business.objects.filter(public_id=message.brand.id).first(),
                "topic": message.topic,
                "subject": message.subject,
                "title": message.letter.title[:250],
                "body": message.letter.lead,
                "url": message.letter.button[1][:500] if message.letter.button else "",
            },
        )
        hint = {"type": "notification:new", "id": item.public_id, "version": 1, "status": "unread"}
        try:
            publisher.publish(rooms=[f"user:{user.public_id}"], message=hint)
        except RedisError:
            logger.warning("open pages not told of a feed line")
        return item.public_id
