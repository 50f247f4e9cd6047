"""The one booking an address names, for whoever may do what they ask."""

from accounts.policy import Actor, require
from bookings.models import Booking
from bookings.queries import find_booking
from common.errors import NotFound


def booking_for(actor: Actor, verb: str, public_id: str) -> Booking:
    """Return the booking; raises NotFound, NotSignedIn or Forbidden."""
    booking = find_booking(public_id)
    if booking is None:
        raise NotFound
    require(actor, verb, booking)
    return booking
