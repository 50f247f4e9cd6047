"""What a signed-in customer sees of their own bookings, in every business."""

from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from bookings.models import Booking, ConversationMessage
from payments.models import Payment

_SHOWN_WITH = ("business", "contact", "service", "tier", "calendar")
_UPCOMING_SHOWN = 50


def _own(user: User) -> QuerySet[Booking]:
    return Booking.objects.select_related(*_SHOWN_WITH).filter(contact__user=user)


def upcoming_bookings(user: User, *, now: datetime) -> list[Booking]:
    """Return what is ahead and stands or is still held, the next first; at most fifty."""
    held = Q(status__in=["requested", "pending"], hold_expires_at__gt=now)
    rows = _own(user).filter(Q(status="confirmed") | held, ends_at__gt=now)
    return list(rows.order_by("starts_at", "id")[:_UPCOMING_SHOWN])


def past_bookings(user: User, *, now: datetime) -> QuerySet[Booking]:
    """Return everything else: over, canceled or lapsed; the caller orders."""
    held = Q(status__in=["requested", "pending"], hold_expires_at__gt=now)
    return _own(user).exclude((Q(status="confirmed") | held) & Q(ends_at__gt=now))


def own_payments(user: User) -> QuerySet[Payment]:
    """Return the account's payments that reached a provider; the caller orders."""
    rows = Payment.objects.select_related("business").prefetch_related("refunds")
    rows = rows.filter(contact__user=user)
    return rows.exclude(status__in=["created", "submitting"])


def unanswered(user: User, *, now: datetime) -> list[Booking]:
    """Return coming bookings whose last word is the business's."""
    last = ConversationMessage.objects.filter(booking=OuterRef("pk")).order_by("-id")
    rows = _own(user).annotate(last_side=Subquery(last.values("side")[:1]))
    found = rows.filter(
        last_side=ConversationMessage.Side.BUSINESS, status="confirmed", ends_at__gt=now
    )
    return list(found.order_by("starts_at")[:5])
