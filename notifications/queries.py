"""Reads of the feed and of what became of messages."""

from accounts.models import User
from notifications.models import FeedItem


def feed(*, user: User, before: str = "", limit: int = 20) -> list[FeedItem]:
    """Return the user's feed, newest first; `before` is the public id of the last line shown.

    A page listens for `notification:new` in its room `user` and reads again; the database is the
    record, the message only a hint.
    """
    rows = FeedItem.objects.filter(user=user).select_related("business").order_by("-id")
    if before:
        rows = rows.filter(id__lt=FeedItem.objects.filter(user=user, public_id=before).values("id"))
    return list(rows[:limit])


def unread_count(*, user: User, at_most: int = 100) -> int:
    """Return how many lines are unread, counted up to `at_most`: a badge shows no more."""
    return FeedItem.objects.filter(user=user, read_at=None)[:at_most].count()
