"""`manage.py reapply_erasures`: after a restore, erase again whom the backup brought back."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.privacy import actions, records


class Command(BaseCommand):
    """Carry out every recorded erasure again. Run it before anything is sent."""

    help = (
        "After restoring a backup, carry out again every erasure recorded in the database or in "
        "the folder ERASURE_RECORDS. Repeats safely."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase and print how much each touched."""
        total = 0
        for known in records.known_erasures():
            count = actions.apply_again(
                public_id=known["id"], subjects=known["subjects"], actor=known["actor"]
            )
            total += 1
            self.stdout.write(f"{known['id']}: {count} rows")
        self.stdout.write(f"{total} erasures are applied.")
