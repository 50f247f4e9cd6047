"""Making the demo, once."""

from collections.abc import Callable

from django.conf import settings
from django.core.management.base import CommandError

from accounts.models import Business, Contact
from operations.demo.catalogue import BUSINESSES, create_businesses, create_catalogue
from operations.demo.history import create_history
from operations.demo.people import CUSTOMER, create_members, create_people


def is_seeded() -> bool:
    """Say whether the demo is there, whole: the customer's own booking is made last."""
    return Contact.objects.filter(user__email=CUSTOMER.email).exists()


def seed(*, report: Callable[[str], object]) -> bool:
    """Make the demo businesses unless they are there; returns whether they were made.

    Raises CommandError where the sandbox gateway is not allowed, that is in production.
    """
    if not settings.SANDBOX_GATEWAY_ENABLED:
        raise CommandError(
            "Demo data has published passwords and a sandbox gateway; it is for trying out only. "
            "Use config.settings.local."
        )
    if is_seeded():
        return False
    if Business.objects.filter(slug__in=BUSINESSES).exists():
        raise CommandError(
            "An earlier seeding was cut short, or your own businesses have the demo's addresses. "
            "For a fresh demo remove the data folder (var/) and start again."
        )
    report("people")
    users = create_people()
    report("businesses")
    businesses = create_businesses(users)
    staff = create_members(users, businesses)
    report("services")
    create_catalogue(businesses, staff)
    report("bookings and payments")
    create_history(businesses, users)
    return True
