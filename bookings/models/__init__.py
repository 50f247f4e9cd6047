"""What a business offers, when it is open, what is booked, and the work around a booking."""

from bookings.models.booking import Booking, Occupancy, Session
from bookings.models.calendars import BlockedPeriod, Calendar, DateOverride, WeeklyRule
from bookings.models.catalogue import Service, TaskTemplate, Tier
from bookings.models.work import ConversationMessage, Task

__all__ = [
    "BlockedPeriod",
    "Booking",
    "Calendar",
    "ConversationMessage",
    "DateOverride",
    "Occupancy",
    "Service",
    "Session",
    "Task",
    "TaskTemplate",
    "Tier",
    "WeeklyRule",
]
