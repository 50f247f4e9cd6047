"""What is on today, for the admin's first page."""

import datetime as dt
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts import policy
from accounts.console import tone_of
from accounts.models import User
from bookings.models import Booking, Task
from bookings.queries.days import on_local_days


def bookings(user: User, *, now: dt.datetime, limit: int) -> list[dict[str, Any]]:
    """Return today's bookings of the person's businesses, each day taken in the business's zone."""
    rows = (
        policy.managed_by(user, Booking.objects.all())
        .filter(on_local_days(first=0, days=1, now=now))
        .exclude(status__in=["canceled", "expired"])
        .select_related("business", "contact", "service", "calendar")
        .order_by("starts_at", "id")
    )
    return [
        {
            "url": reverse("admin:bookings_booking_change", args=[row.pk]),
            "starts_at": row.starts_at,
            "zone": row.business.timezone,
            "customer": row.contact.name,
            "what": row.service.name,
            "who": row.calendar.name,
            "business": row.business.name,
            "status": row.get_status_display(),
            "tone": tone_of(row.status),
        }
        for row in rows[:limit]
    ]


def tasks(user: User, *, now: dt.datetime, limit: int) -> list[dict[str, Any]]:
    """Return the open tasks that are overdue or due today."""
    due = Q(due_at__lt=now) | on_local_days(first=0, days=1, now=now, path="due_at")
    rows = (
        policy.managed_by(user, Task.objects.filter(status="open"))
        .filter(due)
        .select_related("business", "assignee", "booking__contact")
        .order_by("due_at", "id")
    )
    return [
        {
            "url": reverse("admin:bookings_task_change", args=[row.pk]),
            "due_at": row.due_at,
            "zone": row.business.timezone,
            "title": row.title,
            "who": f"{row.booking.contact.name} · {row.assignee or row.role or '—'}",
            "is_overdue": row.due_at < now,
        }
        for row in rows[:limit]
    ]
