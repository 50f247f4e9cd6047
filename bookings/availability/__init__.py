"""Slot search as pure functions: hours in, starts out, no database and no clock."""

from bookings.availability.rules import Hours, OpenTime, Schedule, open_time
from bookings.availability.search import (
    Busy,
    CalendarState,
    Fit,
    OpenSession,
    Search,
    is_free,
    nearest,
    search_any,
    search_calendar,
    within_notice,
)

__all__ = [
    "Busy",
    "CalendarState",
    "Fit",
    "Hours",
    "OpenSession",
    "OpenTime",
    "Schedule",
    "Search",
    "is_free",
    "nearest",
    "open_time",
    "search_any",
    "search_calendar",
    "within_notice",
]
