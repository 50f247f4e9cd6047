"""Reads of this app; what doors import."""

from bookings.queries.bookings import (
    find_booking,
    find_task,
    timeline_subjects,
    visible_tasks,
)
from bookings.queries.catalogue import catalogue, find_service, services_of
from bookings.queries.listing import ListedBooking, list_bookings
from bookings.queries.slots import SlotList, list_slots

__all__ = [
    "ListedBooking",
    "SlotList",
    "catalogue",
    "find_booking",
    "find_service",
    "find_task",
    "list_bookings",
    "list_slots",
    "services_of",
    "timeline_subjects",
    "visible_tasks",
]
