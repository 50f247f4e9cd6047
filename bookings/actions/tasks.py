"""The tasks a confirmed booking brings, from the service's templates."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from accounts import auditing
from accounts.models import Staff
from bookings import events as booking_events
from bookings.models import Booking, Task, TaskTemplate
from common.db import retry_on_conflict
from common.errors import IllegalTransition, NotFound
from events import actions as events


def create_from_templates(booking: Booking, *, actor: str) -> list[Task]:
    """Create the tasks of a confirmed, locked booking; a template never gives it two.

    A template without a role goes to the person booked, one with a role waits for somebody.
    """
    templates = list(TaskTemplate.objects.filter(service=booking.service_id))
    if not templates:
        return []
    known = set(Task.objects.filter(booking=booking).values_list("template_id", flat=True))
    made = Task.objects.bulk_create(
        [
            Task(
                business=booking.business,
                booking=booking,
                template=template,
                title=template.title,
                role=template.role,
                assignee=None if template.role else booking.calendar.staff,
                due_at=booking.starts_at + timedelta(minutes=template.offset_minutes),
            )
            for template in templates
            if template.pk not in known
        ]
    )
    for task in made:
        events.record(booking_events.task_event(booking_events.TASK_CREATED, task, actor=actor))
    return made


def cancel_open(booking: Booking) -> None:
    """Cancel what is still open for a canceled booking."""
    rows = Task.objects.filter(booking=booking, status=Task.Status.OPEN)
    rows.update(status=Task.Status.CANCELED, version=F("version") + 1)


def move_open(booking: Booking) -> None:
    """Move the due times of open tasks with their booking."""
    rows = list(
        Task.objects.filter(
            booking=booking, status=Task.Status.OPEN, template__isnull=False
        ).select_related("template")
    )
    for task in rows:
        offset = task.template.offset_minutes if task.template else 0
        task.due_at = booking.starts_at + timedelta(minutes=offset)
        task.version += 1
    Task.objects.bulk_update(rows, ["due_at", "version"])


@retry_on_conflict
@transaction.atomic
def complete_task(*, task_id: str, now: datetime, actor: str) -> Task:
    """Mark a task as done; done twice is done once. Raises NotFound, IllegalTransition."""
    task = _locked(task_id)
    if task.status == Task.Status.DONE:
        return task
    if task.status != Task.Status.OPEN:
        raise IllegalTransition
    with auditing.change(task, "status", action="task.done", actor=actor):
        task.status, task.done_at, task.done_by = Task.Status.DONE, now, actor
        task.version += 1
        task.save()
    events.record(booking_events.task_event(booking_events.TASK_COMPLETED, task, actor=actor))
    return task


@retry_on_conflict
@transaction.atomic
def reopen_task(*, task_id: str) -> Task:
    """Open a task that was marked as done by mistake; an open one stays as it is."""
    task = _locked(task_id)
    if task.status == Task.Status.CANCELED:
        raise IllegalTransition
    if task.status == Task.Status.DONE:
        task.status, task.done_at, task.done_by = Task.Status.OPEN, None, ""
        task.version += 1
        task.save()
    return task


@retry_on_conflict
@transaction.atomic
def assign_task(*, task_id: str, staff_id: str, actor: str) -> Task:
    """Give an open task to a member of the business's staff, by public id; empty takes it away.

    Repeats safely. Raises NotFound for a task or person that is not the business's, and
    IllegalTransition for a task that is not open.
    """
    task = _locked(task_id)
    staff = None
    if staff_id:
        members = Staff.objects.filter(user__memberships__business=task.business_id)
        staff = members.filter(public_id=staff_id).first()
        if staff is None:
            raise NotFound
    if task.status != Task.Status.OPEN:
        raise IllegalTransition
    if task.assignee == staff:
        return task
    with auditing.change(task, "assignee", action="task.assign", actor=actor):
        task.assignee = staff
        task.version += 1
        task.save()
    events.record(booking_events.task_event(booking_events.TASK_ASSIGNED, task, actor=actor))
    return task


def _locked(task_id: str) -> Task:
    rows = Task.objects.select_for_update(of=("self",)).select_related(
        "business", "booking", "assignee"
    )
    task = rows.filter(public_id=task_id).first()
    if task is None:
        raise NotFound
    return task
