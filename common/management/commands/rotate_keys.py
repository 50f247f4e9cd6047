"""`manage.py rotate_keys`: everything encrypted at rest gets the newest key, while serving."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import fields, rotation


class Command(BaseCommand):
    """Re-encrypt in batches and say which keys are still needed."""

    help = (
        "Re-encrypt every encrypted value with the first of FIELD_KEYS. Put the new key first, "
        "restart every process, run this, then remove the keys it names. May be interrupted and "
        "run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the pause between batches."""
        parser.add_argument(
            "--pause", type=float, default=0.05, help="seconds between batches of 200 rows"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through every column; end with 1 when a value could not be read or was in use."""
        newest = fields.newest_key_id()
        unreadable = []
        for column in rotation.columns():
            report = rotation.rotate(column, pause=options["pause"])
            self.stdout.write(f"{column.name}: {report.rewritten} rows re-encrypted")
            unreadable += [(column, *found) for found in report.unreadable]
        if unreadable:
            column, row, key = unreadable[0]
            raise CommandError(
                f"{len(unreadable)} values could not be read and were left as they are; the first "
                f"is {column.name} in row {row}, encrypted with the key {key}. Put that key back "
                "into FIELD_KEYS behind the newest one and run this again; remove no key."
            )
        # A process that still runs with the former key first may have written behind us.
        keys: Counter[str] = Counter()
        late = 0
        for column in rotation.columns():
            again = rotation.rotate(column)
            keys.update(again.keys)
            late += again.rewritten
        if late or keys.total() != keys[newest]:
            raise CommandError(
                "Values were written with a former key meanwhile. Restart every process with the "
                "new key first in FIELD_KEYS, then run this again; remove no key yet."
            )
        self.stdout.write(f"All {keys[newest]} values use the key {newest}.")
        former = [key for key in map(fields.key_id, settings.FIELD_KEYS) if key != newest]
        if former:
            self.stdout.write(
                f"No value needs {', '.join(former)} any more: take "
                f"{'it' if len(former) == 1 else 'them'} out of FIELD_KEYS once every process "
                "runs with the new key first, and restart. Keep former keys with the backups "
                "they open."
            )
