"""What the people of one business see of their day, week and money."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from accounts.models import Business
from bookings.models import Booking, ConversationMessage
from common.money import Money
from common.text import fold
from payments.models import Payment, Refund

_SHOWN_WITH = ("business", "contact", "service", "tier", "calendar")
_LIVE = ("confirmed", "completed", "no_show")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person of the business."""

    requests: int
    unpaid: int
    unanswered: int
    reviews: int
    failed_refunds: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Seven days against the seven before."""

    bookings: int
    bookings_before: int
    received: Money
    received_before: Money


def _live(now: datetime) -> Q:
    held = Q(status__in=["requested", "pending"], hold_expires_at__gt=now)
    return Q(status__in=_LIVE) | held


def bookings_between(
    business: Business, *, start: datetime, end: datetime, now: datetime
) -> list[Booking]:
    """Return the bookings that take time in `[start, end)`, in order; one statement."""
    rows = Booking.objects.select_related(*_SHOWN_WITH).filter(
        _live(now), business=business, starts_at__lt=end, ends_at__gt=start
    )
    return list(rows.order_by("starts_at", "id"))


def search_bookings(
    business: Business, *, status: str, query: str, now: datetime
) -> QuerySet[Booking]:
    """Return the business's bookings by state and by a word of the customer; the caller orders."""
    rows = Booking.objects.select_related(*_SHOWN_WITH).filter(business=business)
    if status == "upcoming":
        rows = rows.filter(_live(now), ends_at__gt=now)
    elif status == "waiting":
        rows = rows.filter(status__in=["requested", "pending"], hold_expires_at__gt=now)
    elif status == "past":
        rows = rows.filter(status__in=["confirmed", "completed", "no_show"], ends_at__lte=now)
    elif status == "canceled":
        rows = rows.filter(status__in=["canceled", "expired"])
    for word in fold(query).split():
        rows = rows.filter(Q(contact__search_text__contains=word) | Q(public_id=word))
    return rows


def waiting(business: Business, *, now: datetime) -> Waiting:
    """Count what needs somebody; four statements."""
    held = Booking.objects.filter(business=business, hold_expires_at__gt=now).aggregate(
        requests=Count("pk", filter=Q(status="requested")),
        unpaid=Count("pk", filter=Q(status="pending")),
    )
    reviews = Payment.objects.filter(business=business).exclude(review_reason="").count()
    failed = Refund.objects.filter(payment__business=business, status="failed").count()
    return Waiting(
        held["requests"],
        held["unpaid"],
        unanswered(business, now=now).count(),
        reviews,
        failed,
    )


def unanswered(business: Business, *, now: datetime) -> QuerySet[Booking]:
    """Return coming or recent bookings whose last word is the customer's."""
    last = ConversationMessage.objects.filter(booking=OuterRef("pk")).order_by("-id")
    rows = Booking.objects.select_related(*_SHOWN_WITH).filter(
        business=business, ends_at__gt=now - timedelta(days=7)
    )
    return rows.annotate(last_side=Subquery(last.values("side")[:1])).filter(
        last_side=ConversationMessage.Side.CUSTOMER
    )


def figures(business: Business, *, until: datetime) -> Figures:
    """Return the last seven days and the seven before; three statements."""
    week, before = until - timedelta(days=7), until - timedelta(days=14)
    made = Booking.objects.filter(business=business, confirmed_at__gt=before).aggregate(
        now=Count("pk", filter=Q(confirmed_at__gt=week)),
        before=Count("pk", filter=Q(confirmed_at__lte=week)),
    )
    net = Sum("captured_minor") - Sum("refunded_minor")
    paid = Payment.objects.filter(business=business, status="succeeded", currency=business.currency)
    received = paid.filter(succeeded_at__gt=week).aggregate(sum=net)["sum"] or 0
    earlier = paid.filter(succeeded_at__gt=before, succeeded_at__lte=week).aggregate(sum=net)
    return Figures(
        made["now"],
        made["before"],
        Money(received, business.currency),
        Money(earlier["sum"] or 0, business.currency),
    )


def received_by_day(business: Business, *, start: datetime) -> list[tuple[datetime, int]]:
    """Return when and how much was received since an instant, less what went back."""
    rows = Payment.objects.filter(
        business=business, status="succeeded", succeeded_at__gte=start, currency=business.currency
    ).values_list("succeeded_at", "captured_minor", "refunded_minor")
    return [(at, captured - refunded) for at, captured, refunded in rows if at is not None]


def payments_of_business(business: Business) -> QuerySet[Payment]:
    """Return the business's payments that reached a provider; the caller orders."""
    rows = Payment.objects.select_related("contact", "gateway_account").filter(business=business)
    rows = rows.prefetch_related("refunds")
    return rows.exclude(status__in=["created", "submitting"])
