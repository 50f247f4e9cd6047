"""Where a page listens for changes, and as whom."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.links import guest_token
from accounts.models import Business
from bookings.models import Booking


def context(
    request: HttpRequest, *, booking: Booking | None = None, business: Business | None = None
) -> dict[str, Any]:
    """Return the socket's address and the rooms the page joins.

    A guest has no session the sockets know, so the signed link speaks for them.
    """
    rooms = []
    token = ""
    if request.user.is_authenticated:
        rooms.append("user")
    elif booking is not None:
        token = guest_token(subject=booking.public_id)
    if booking is not None:
        rooms.append(f"booking:{booking.public_id}")
    if business is not None:
        rooms.append(f"staff:{business.public_id}")
    return {
        "live_url": f"{settings.REALTIME_URL}/ws/",
        "live_rooms": " ".join(rooms),
        "live_token": token,
    }
