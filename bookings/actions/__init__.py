"""Every write of this app. Nothing else may save a booking or an occupancy.

Lock order: Calendar by ascending id, then Booking.
"""

from bookings.actions.answering import approve_request, decline_request
from bookings.actions.conversation import post_message
from bookings.actions.creating import NewCustomer, create_booking
from bookings.actions.hours import (
    availability_edited,
    block_time,
    override_date,
    set_weekly_hours,
    unblock_time,
)
from bookings.actions.lifecycle import (
    cancel_booking,
    complete_booking,
    confirm_booking,
    expire_booking,
    extend_hold,
    mark_no_show,
)
from bookings.actions.payable import BOOKING_PAYABLE
from bookings.actions.rescheduling import reschedule_booking
from bookings.actions.tasks import assign_task, complete_task, reopen_task

__all__ = [
    "BOOKING_PAYABLE",
    "NewCustomer",
    "approve_request",
    "assign_task",
    "availability_edited",
    "block_time",
    "cancel_booking",
    "complete_booking",
    "complete_task",
    "confirm_booking",
    "create_booking",
    "decline_request",
    "expire_booking",
    "extend_hold",
    "mark_no_show",
    "override_date",
    "post_message",
    "reopen_task",
    "reschedule_booking",
    "set_weekly_hours",
    "unblock_time",
]
