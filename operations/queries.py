"""Figures of what is on and what went wrong; the admin's first page reads them.

Every count starts at the rows the person may manage.
"""

import datetime as dt
from dataclasses import dataclass

from django.db.models import BigIntegerField, Case, Count, F, Q, Sum, When

from accounts import policy
from accounts.models import Business, Role, SecurityEntry, User
from bookings.models import Booking, Task
from bookings.queries.days import on_local_days
from common.money import Money
from payments.models import LedgerEntry, Payment

_LIVE = ("requested", "pending", "confirmed", "completed", "no_show")


@dataclass(frozen=True, slots=True)
class Revenue:
    """What came in less what went back, in one currency, and the same of the period before."""

    net: Money
    refunded: Money
    before: Money


def booking_counts(user: User, *, now: dt.datetime) -> tuple[int, int]:
    """Return the bookings of today and of the next 7 days."""
    today = on_local_days(first=0, days=1, now=now)
    week = on_local_days(first=0, days=7, now=now)
    rows = policy.managed_by(user, Booking.objects.filter(status__in=_LIVE)).filter(week)
    found = rows.aggregate(today=Count("pk", filter=today), week=Count("pk"))
    return found["today"], found["week"]


def requests_waiting(user: User, *, now: dt.datetime) -> int:
    """Return how many requests wait for a yes or no."""
    rows = policy.managed_by(user, Booking.objects.all())
    return rows.filter(status="requested", hold_expires_at__gt=now).count()


def overdue_tasks(user: User, *, now: dt.datetime) -> int:
    """Return how many open tasks are past their time."""
    rows = policy.managed_by(user, Task.objects.all())
    return rows.filter(status="open", due_at__lt=now).count()


def payment_counts(user: User, *, now: dt.datetime) -> tuple[int, int, int]:
    """Return the payments in review, those failed in 24 hours, and those being checked."""
    found = policy.managed_by(user, Payment.objects.all()).aggregate(
        review=Count("pk", filter=~Q(review_reason="")),
        failed=Count("pk", filter=Q(status="failed", ended_at__gte=now - dt.timedelta(hours=24))),
        checked=Count("pk", filter=Q(uncertain_since__isnull=False, ended_at__isnull=True)),
    )
    return found["review"], found["failed"], found["checked"]


def revenue(user: User, *, now: dt.datetime, days: int = 30) -> list[Revenue]:
    """Return the revenue of the last days by currency, from the ledger, largest first."""
    start, before = now - dt.timedelta(days=days), now - dt.timedelta(days=2 * days)
    signed = Case(
        When(kind="refund", then=-F("amount_minor")),
        default=F("amount_minor"),
        output_field=BigIntegerField(),
    )
    rows = (
        policy.managed_by(user, LedgerEntry.objects.filter(at__gte=before, at__lt=now))
        .order_by()
        .values("currency")
        .annotate(
            net=Sum(signed, filter=Q(at__gte=start), default=0),
            refunded=Sum("amount_minor", filter=Q(at__gte=start, kind="refund"), default=0),
            before=Sum(signed, filter=Q(at__lt=start), default=0),
        )
    )
    found = [
        Revenue(
            Money(row["net"], row["currency"]),
            Money(row["refunded"], row["currency"]),
            Money(row["before"], row["currency"]),
        )
        for row in rows
    ]
    return sorted(found, key=lambda item: item.net.major, reverse=True)


def forged_notices(user: User, *, now: dt.datetime) -> int:
    """Return how many notices failed their signature in 24 hours; for owners of the endpoint."""
    rows = SecurityEntry.objects.filter(kind="webhook.forged", at__gte=now - dt.timedelta(hours=24))
    if not user.is_superuser:
        roles = {Role.OWNER, Role.DEVELOPER, Role.AUDITOR}
        mine = [pk for pk, role in policy.roles_of(user).items() if role in roles]
        ids = Business.objects.filter(pk__in=mine).values_list("public_id", flat=True)
        rows = rows.filter(business__in=list(ids))
    return rows.count()
