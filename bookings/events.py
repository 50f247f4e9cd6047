"""Facts about bookings, conversations and tasks, and about changed opening hours.

Payloads carry ids and public fields, never contact details; the API's serializers use the same.
"""

from datetime import datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple

from typing_extensions import TypedDict

from bookings.models import Booking, ConversationMessage, Task
from events.types import EventType, NewEvent


class BookingData(TypedDict):
    """A booking as it is after the fact. Instants are ISO 8601 in UTC, money in minor units."""

    id: str
    status: str
    version: int
    service: str
    service_name: str
    tier: str
    tier_name: str
    calendar: str
    calendar_name: str
    contact: str
    starts_at: str
    ends_at: str
    seats: int
    currency: str
    price_minor: int
    deposit_minor: int
    paid_minor: int
    refunded_minor: int
    hold_expires_at: str | None
    cancel_reason: str


class RescheduledData(BookingData):
    """A moved booking and where it was."""

    previous_calendar: str
    previous_starts_at: str
    previous_ends_at: str


class MessageData(TypedDict):
    """A message; its text is read through the API."""

    id: str
    booking: str
    side: str
    sent_at: str


class TaskData(TypedDict):
    """A task of a booking."""

    id: str
    booking: str
    title: str
    role: str
    assignee: str | None
    status: str
    due_at: str
    version: int


class AvailabilityData(TypedDict):
    """Whose opening hours changed; no calendars: the whole business."""

    business: str
    calendars: list[str]


_BOOKING_SAMPLE: BookingData = {
    "id": "bkg_01kac3w1v5h0e8y2r7m4q9t6zd",
    "status": "confirmed",
    "version": 2,
    "service": "svc_01kac3w1v5h0e8y2r7m4q9t6zd",
    "service_name": "Hot stone massage",
    "tier": "tir_01kac3w1v5h0e8y2r7m4q9t6zd",
    "tier_name": "60 minutes",
    "calendar": "cal_01kac3w1v5h0e8y2r7m4q9t6zd",
    "calendar_name": "Lan",
    "contact": "ctc_01kac3w1v5h0e8y2r7m4q9t6zd",
    "starts_at": "2028-06-05T08:00:00+00:00",
    "ends_at": "2028-06-05T09:00:00+00:00",
    "seats": 1,
    "currency": "VND",
    "price_minor": 650000,
    "deposit_minor": 195000,
    "paid_minor": 195000,
    "refunded_minor": 0,
    "hold_expires_at": None,
    "cancel_reason": "",
}
_RESCHEDULED_SAMPLE: RescheduledData = {
    **_BOOKING_SAMPLE,
    "previous_calendar": "cal_01kac3w1v5h0e8y2r7m4q9t6zd",
    "previous_starts_at": "2028-06-04T08:00:00+00:00",
    "previous_ends_at": "2028-06-04T09:00:00+00:00",
}
_TASK_SAMPLE: TaskData = {
    "id": "tsk_01kac3w1v5h0e8y2r7m4q9t6zd",
    "booking": "bkg_01kac3w1v5h0e8y2r7m4q9t6zd",
    "title": "Warm the stones",
    "role": "",
    "assignee": "stf_01kac3w1v5h0e8y2r7m4q9t6zd",
    "status": "open",
    "due_at": "2028-06-05T07:45:00+00:00",
    "version": 1,
}


def _booking_type(name: str, doc: str, status: str) -> EventType:
    return EventType(name, BookingData, doc, {**_BOOKING_SAMPLE, "status": status})


BOOKING_CREATED = _booking_type(
    "booking.created", "A booking was made and holds its time.", "pending"
)
BOOKING_REQUESTED = _booking_type(
    "booking.requested", "A booking waits for the approval of staff.", "requested"
)
BOOKING_APPROVED = _booking_type(
    "booking.approved", "Staff approved a request; it now waits for its payment.", "pending"
)
BOOKING_CONFIRMED = _booking_type(
    "booking.confirmed", "A booking is certain: paid, approved or free.", "confirmed"
)
BOOKING_CANCELED = _booking_type(
    "booking.canceled", "A booking was canceled or declined; its time is free.", "canceled"
)
BOOKING_EXPIRED = _booking_type(
    "booking.expired", "A booking was not paid or answered in time; its time is free.", "expired"
)
BOOKING_RESCHEDULED = EventType(
    "booking.rescheduled",
    RescheduledData,
    "A booking moved to another time or calendar.",
    _RESCHEDULED_SAMPLE,
)
BOOKING_COMPLETED = _booking_type("booking.completed", "The appointment took place.", "completed")
BOOKING_NO_SHOW = _booking_type("booking.no_show", "The customer did not come.", "no_show")
BOOKING_PAID = _booking_type(
    "booking.paid", "Money for the booking arrived or went back.", "confirmed"
)
MESSAGE_POSTED = EventType(
    "conversation.message_posted",
    MessageData,
    "Customer or staff wrote in the conversation of a booking.",
    {
        "id": "msg_01kac3w1v5h0e8y2r7m4q9t6zd",
        "booking": "bkg_01kac3w1v5h0e8y2r7m4q9t6zd",
        "side": "customer",
        "sent_at": "2028-06-04T10:12:00+00:00",
    },
)
TASK_CREATED = EventType("task.created", TaskData, "A booking brought a task.", _TASK_SAMPLE)
TASK_ASSIGNED = EventType("task.assigned", TaskData, "A task has somebody new.", _TASK_SAMPLE)
TASK_COMPLETED = EventType(
    "task.completed", TaskData, "A task was done.", {**_TASK_SAMPLE, "status": "done"}
)
AVAILABILITY_CHANGED = EventType(
    "availability.changed",
    AvailabilityData,
    "Opening hours, blocked periods or what is offered changed.",
    {
        "business": "biz_01kac3w1v5h0e8y2r7m4q9t6zd",
        "calendars": ["cal_01kac3w1v5h0e8y2r7m4q9t6zd"],
    },
)
TYPES = (
    BOOKING_CREATED,
    BOOKING_REQUESTED,
    BOOKING_APPROVED,
    BOOKING_CONFIRMED,
    BOOKING_CANCELED,
    BOOKING_EXPIRED,
    BOOKING_RESCHEDULED,
    BOOKING_COMPLETED,
    BOOKING_NO_SHOW,
    BOOKING_PAID,
    MESSAGE_POSTED,
    TASK_CREATED,
    TASK_ASSIGNED,
    TASK_COMPLETED,
    AVAILABILITY_CHANGED,
)


class BookingFacts(NamedTuple):
    """What is told of a booking: read from the object, or straight from FACT_COLUMNS."""

    id: str
    status: str
    version: int
    service: str
    service_name: str
    tier: str
    tier_name: str
    calendar: str
    calendar_name: str
    contact: str
    starts_at: datetime
    ends_at: datetime
    seats: int
    currency: str
    price_minor: int
    deposit_minor: int
    paid_minor: int
    refunded_minor: int
    hold_expires_at: datetime | None
    cancel_reason: str


FACT_COLUMNS: Final = (
    "public_id",
    "status",
    "version",
    "service__public_id",
    "service__name",
    "tier__public_id",
    "tier__name",
    "calendar__public_id",
    "calendar__name",
    "contact__public_id",
    "starts_at",
    "ends_at",
    "seats",
    "currency",
    "price_minor",
    "deposit_minor",
    "paid_minor",
    "refunded_minor",
    "hold_expires_at",
    "cancel_reason",
)
_read_facts = attrgetter(*(name.replace("__", ".") for name in FACT_COLUMNS))


def booking_payload(booking: Booking) -> BookingData:
    """Return the public facts of a booking; reads service, tier, calendar and contact."""
    return facts_payload(BookingFacts._make(_read_facts(booking)))


def facts_payload(facts: BookingFacts) -> BookingData:
    """Return the public facts of a booking."""
    held = facts.hold_expires_at
    return {
        "id": facts.id,
        "status": str(facts.status),
        "version": facts.version,
        "service": facts.service,
        "service_name": facts.service_name,
        "tier": facts.tier,
        "tier_name": facts.tier_name,
        "calendar": facts.calendar,
        "calendar_name": facts.calendar_name,
        "contact": facts.contact,
        "starts_at": facts.starts_at.isoformat(),
        "ends_at": facts.ends_at.isoformat(),
        "seats": facts.seats,
        "currency": facts.currency,
        "price_minor": facts.price_minor,
        "deposit_minor": facts.deposit_minor,
        "paid_minor": facts.paid_minor,
        "refunded_minor": facts.refunded_minor,
        "hold_expires_at": held.isoformat() if held else None,
        "cancel_reason": facts.cancel_reason,
    }


def booking_event(kind: EventType, booking: Booking, *, actor: str) -> NewEvent:
    """Return a fact of one of the booking types, with the booking as it is now."""
    return NewEvent(
        kind, booking.business.public_id, booking.public_id, booking_payload(booking), actor
    )


def booking_rescheduled(booking: Booking, *, previous: BookingData, actor: str) -> NewEvent:
    """Return the fact that the booking moved from where `previous` says."""
    data: dict[str, Any] = {
        **booking_payload(booking),
        "previous_calendar": previous["calendar"],
        "previous_starts_at": previous["starts_at"],
        "previous_ends_at": previous["ends_at"],
    }
    return NewEvent(BOOKING_RESCHEDULED, booking.business.public_id, booking.public_id, data, actor)


def message_posted(message: ConversationMessage, *, actor: str) -> NewEvent:
    """Return the fact that somebody wrote; the subject is the booking."""
    booking = message.booking
    data: MessageData = {
        "id": message.public_id,
        "booking": booking.public_id,
        "side": str(message.side),
        "sent_at": message.created_at.isoformat(),
    }
    return NewEvent(MESSAGE_POSTED, booking.business.public_id, booking.public_id, data, actor)


def task_payload(task: Task) -> TaskData:
    """Return the facts of a task; reads booking and assignee."""
    return {
        "id": task.public_id,
        "booking": task.booking.public_id,
        "title": task.title,
        "role": task.role,
        "assignee": task.assignee.public_id if task.assignee else None,
        "status": str(task.status),
        "due_at": task.due_at.isoformat(),
        "version": task.version,
    }


def task_event(kind: EventType, task: Task, *, actor: str) -> NewEvent:
    """Return a fact of one of the task types."""
    return NewEvent(kind, task.business.public_id, task.public_id, task_payload(task), actor)


def availability_changed(*, business: str, calendars: list[str], actor: str) -> NewEvent:
    """Return the fact that hours changed; ids are public ids."""
    data: AvailabilityData = {"business": business, "calendars": calendars}
    return NewEvent(AVAILABILITY_CHANGED, business, business, data, actor)
