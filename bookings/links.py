"""Where messages send people for a booking, and who may listen to it."""

from django.urls import reverse

from accounts.links import guest_token, read_guest_token
from accounts.policy import Actor, Guest, can
from bookings.queries import find_booking
from common.errors import NotFound


def booking_link(subject: str, audience: str) -> str:
    """Return the path of a booking's page: signed for the customer, inside the desk for staff."""
    if audience == "customer":
        return reverse("guest_link", args=[guest_token(subject=subject)])
    return reverse("manage_booking", args=[subject])


def may_listen(actor: Actor, booking_id: str) -> bool:
    """Say whether the actor may hear that the booking changed."""
    booking = find_booking(booking_id)
    return booking is not None and can(actor, "view", booking)


def read_link(token: str) -> Guest | None:
    """Return whom a signed link's token proves; None for a forged or outdated one."""
    try:
        return read_guest_token(token=token)
    except NotFound:
        return None
