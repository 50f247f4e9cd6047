"""`manage.py seed_demo`: three demo businesses with people, bookings and payments."""

from typing import Any

from django.core.management.base import BaseCommand

from operations.demo.seeding import seed


class Command(BaseCommand):
    """Make the demo data; on a database that has it nothing happens."""

    help = "Make three demo businesses with people, services, bookings and payments."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each step as it begins."""
        made = seed(report=lambda step: self.stdout.write(f"Making demo {step}"))
        self.stdout.write("Demo data is ready." if made else "Demo data is already there.")
