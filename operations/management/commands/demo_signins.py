"""`manage.py demo_signins`: who can sign in to the demo, and with what."""

import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core.management.base import BaseCommand

from operations.demo.people import PASSWORD, PEOPLE, TOTP_SECRET
from operations.demo.seeding import is_seeded

_STEP_SECONDS = 30


class Command(BaseCommand):
    """Print the demo accounts; nothing when there is no demo data."""

    help = "Print the demo accounts, their password and the current second factor."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a short table for people."""
        if not is_seeded():
            return
        site = settings.SITE_URL
        width = max(len(person.email) for person in PEOPLE)
        self.stdout.write(f"Site    {site}/\nAdmin   {site}/admin/\n")
        for person in PEOPLE:
            self.stdout.write(f"  {person.email.ljust(width)}  {person.shows}")
        code = format_hotp_value(hotp_value(TOTP_SECRET, int(time.time()) // _STEP_SECONDS))
        self.stdout.write(
            f"\nPassword of all: {PASSWORD}\n"
            f"Second factor of those who open the admin: secret {TOTP_SECRET}\n"
            f"  (code now {code}; a fresh one: bin/manage demo_signins)"
        )
