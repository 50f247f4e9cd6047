"""Making the demo, once."""

from collections.abc import Callable

from django.conf import settings
from django.core.management.base import CommandError

from accounts.models import Business
from operations.demo.catalogue import BUSINESSES, create_businesses, create_catalogue
from operations.demo.history import create_history
from operations.demo.people import create_members, create_people


def is_seeded() -> bool:
    """Say whether the demo businesses are there."""
    return Business.objects.filter(slug__in=BUSINESSES).exists()


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
