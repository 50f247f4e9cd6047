"""Print who may do what."""

from typing import Any

from django.core.management.base import BaseCommand

from operations.permissions import page


class Command(BaseCommand):
    """`manage.py permissions > docs/permissions.md` brings the page up to date."""

    help = "Print every role, verb and object as a Markdown page."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the page."""
        self.stdout.write(page())
