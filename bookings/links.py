"""Where messages and other doors send people for a booking."""

from django.urls import reverse

from accounts.links import guest_token


def booking_link(subject: str, audience: str) -> str:
    """Return the path of a booking's page: signed for the customer, inside the desk for staff."""
    if audience == "customer":
        return reverse("guest_link", args=[guest_token(subject=subject)])
    return reverse("manage_booking", args=[subject])
