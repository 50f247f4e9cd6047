"""Tasks and conversations in the admin."""

from typing import ClassVar

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.console import (
    Button,
    Call,
    Headline,
    ScopedFilter,
    ScopedModelAdmin,
    badge,
    facts,
    link_to,
    tone_of,
    zoned,
)
from bookings import actions
from bookings.admin.filters import DueFilter
from bookings.admin.forms import AssignForm
from bookings.models import Task


def _done(task: Task, call: Call) -> None:
    actions.complete_task(task_id=task.public_id, now=timezone.now(), actor=call.actor)


def _reopen(task: Task, _call: Call) -> None:
    actions.reopen_task(task_id=task.public_id)


def _assign(task: Task, call: Call) -> None:
    actions.assign_task(task_id=task.public_id, staff_id=call.values["staff"], actor=call.actor)


@admin.register(Task)
class TaskAdmin(ScopedModelAdmin):
    """What is to be done, the next due first."""

    list_display = ("title", "customer", "due", "state", "assigned", "business")
    list_filter = (
        DueFilter,
        "status",
        ("assignee", admin.EmptyFieldListFilter),
        ("business", ScopedFilter),
    )
    list_select_related = ("business", "booking__contact", "assignee")
    search_people = ("booking__contact__search_text",)
    search_words = ("title",)
    search_exact = ("public_id", "booking__public_id")
    ordering = ("due_at", "id")
    fields = readonly_fields = ("role", "done_at", "done_by", "public_id")
    watched = ("status", "assignee_id")
    buttons: ClassVar[tuple[Button, ...]] = (
        Button(
            "done",
            gettext_lazy("Mark as done"),
            "change",
            _done,
            is_offered=lambda task: task.status == Task.Status.OPEN,
            tone="primary",
        ),
        Button(
            "reopen",
            gettext_lazy("Open again"),
            "change",
            _reopen,
            is_offered=lambda task: task.status == Task.Status.DONE,
        ),
        Button(
            "assign",
            gettext_lazy("Assign"),
            "assign",
            _assign,
            is_offered=lambda task: task.status == Task.Status.OPEN,
            form=AssignForm,
            in_bulk=False,
        ),
    )

    @display(description=gettext_lazy("customer"))
    def customer(self, obj: Task) -> str:
        """Show for whom it is."""
        return obj.booking.contact.name

    @display(description=gettext_lazy("due"), ordering="due_at")
    def due(self, obj: Task) -> str:
        """Show when it is due, in the business's zone."""
        return zoned(obj.due_at, obj.business.timezone)

    @display(description=gettext_lazy("status"), ordering="status")
    def state(self, obj: Task) -> str:
        """Show the status; an open one past its time says so."""
        return badge(*_state(obj))

    @display(description=gettext_lazy("assigned to"), ordering="assignee__display_name")
    def assigned(self, obj: Task) -> str:
        """Show who does it."""
        return str(obj.assignee or obj.role or "—")

    def headline(self, obj: Task) -> Headline:
        """Show the task, its state and for whom it is."""
        text, tone = _state(obj)
        return Headline(
            obj.title,
            text,
            tone,
            obj.business.name,
            facts(
                (_("Due"), zoned(obj.due_at, obj.business.timezone)),
                (_("Assigned to"), self.assigned(obj)),
                (_("Booking"), link_to(obj.booking, obj.booking.contact.name)),
            ),
        )

    def subjects(self, obj: Task) -> tuple[str, ...]:
        """Show the history of the task and its booking."""
        return (obj.public_id, obj.booking.public_id)


def _state(task: Task) -> tuple[str, str]:
    if task.status == Task.Status.OPEN and task.due_at < timezone.now():
        return _("overdue"), "danger"
    return str(task.get_status_display()), tone_of(task.status)
