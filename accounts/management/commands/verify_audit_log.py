"""`manage.py verify_audit_log`: whether the audit log still is what its daily seals say."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import sealing


class Command(BaseCommand):
    """Recompute every day's seal and name the first day and row that differ."""

    help = "Recompute the audit log's daily seals; ends with 1 and names the first difference."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take seals from outside."""
        parser.add_argument(
            "--expect",
            action="append",
            default=[],
            metavar="DAY=DIGEST",
            help="a digest that was mailed or logged, such as 2026-11-25=3f8a…; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how many days hold, or fail naming the difference."""
        held, found = sealing.verify(expected=dict(_parsed(text) for text in options["expect"]))
        if found is not None:
            row = f", row {found.row}" if found.row is not None else ""
            raise CommandError(
                f"The audit log differs on {found.day}{row}: {found.what}. "
                f"{held} earlier days are unchanged. Compare with a backup from that day, and "
                "treat the database's administrators' access as compromised until it is explained."
            )
        self.stdout.write(f"The audit log is unchanged: {held} sealed days hold.")


def _parsed(text: str) -> tuple[dt.date, str]:
    day, _, digest = text.partition("=")
    try:
        return dt.date.fromisoformat(day), digest.strip().lower()
    except ValueError as error:
        raise CommandError(
            f"--expect needs DAY=DIGEST with a day like 2026-11-25: {text}"
        ) from error
