"""Reads of bookings, tasks and conversations. Every list starts at what the actor may see."""

from django.db.models import QuerySet

from accounts.policy import Actor, visible_to
from bookings.models import Booking, Task

_SHOWN_WITH = ("business", "contact", "service", "tier", "calendar")


def visible_tasks(actor: Actor) -> QuerySet[Task]:
    """Return the tasks the actor may see, the next due first."""
    rows = visible_to(actor, Task.objects.select_related("business", "booking", "assignee"))
    return rows.order_by("due_at", "id")


def find_booking(public_id: str) -> Booking | None:
    """Return the booking as it is now, with what its payload shows."""
    return Booking.objects.select_related(*_SHOWN_WITH).filter(public_id=public_id).first()


def find_task(public_id: str) -> Task | None:
    """Return the task as it is now."""
    rows = Task.objects.select_related("business", "booking", "assignee")
    return rows.filter(public_id=public_id).first()


def timeline_subjects(booking: Booking) -> list[str]:
    """Return the public ids whose events make up the booking's timeline."""
    tasks = booking.tasks.values_list("public_id", flat=True)
    return [booking.public_id, *tasks]
