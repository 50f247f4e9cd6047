"""What is on today, for the admin's first page."""

import datetime as dt
from typing import Any

from accounts.models import User


def bookings(user: User, *, now: dt.datetime, limit: int) -> list[dict[str, Any]]:
    """Return today's bookings of the person's businesses, each day taken in the business's zone."""
    return []


def tasks(user: User, *, now: dt.datetime, limit: int) -> list[dict[str, Any]]:
    """Return the open tasks that are overdue or due today."""
    return []
