"""What this app holds of a person: messages to them, and lines about them in others' feeds."""

from typing import Any

from accounts.privacy.holders import Holder, Subject, listed, objects_of
from notifications.models import FeedItem, Notification


def _export(subject: Subject) -> dict[str, Any]:
    sent = Notification.objects.filter(recipient__in=subject.ids).order_by("pk")
    feed = FeedItem.objects.filter(user=subject.user).order_by("pk")
    return {
        "messages": listed(sent, "created_at", "channel", "topic", "status", "title", "body"),
        "feed": listed(feed, "created_at", "title", "body", "url") if subject.user else [],
    }


def _erase(subject: Subject) -> int:
    ids = objects_of(subject)
    count = Notification.objects.filter(recipient__in=subject.ids).delete()[0]
    # What was told to staff about the person names them.
    told = Notification.objects.filter(subject__in=ids)
    count += told.update(title="", body="", reason="", last_error="")
    return count + FeedItem.objects.filter(subject__in=ids).delete()[0]


HOLDER = Holder(name="notifications", export=_export, erase=_erase)
