"""`manage.py event_catalogue`: every event type with its data schema and a sample."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from events import registry


class Command(BaseCommand):
    """Print the catalogue, as Markdown or JSON."""

    help = "Print every event type with its data schema and a sample."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --json."""
        parser.add_argument("--json", action="store_true", help="print JSON for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the catalogue to standard output."""
        types = registry.event_types()
        if options["json"]:
            catalogue = [
                {"type": t.name, "doc": t.doc, "schema": t.schema(), "sample": t.sample}
                for t in types
            ]
            self.stdout.write(json.dumps(catalogue, indent=2, ensure_ascii=False))
            return
        for t in types:
            reactions = ", ".join(r.name for r in registry.reactions() if r.wants(t.name)) or "none"
            self.stdout.write(f"## {t.name}\n\n{t.doc}\n\nReactions: {reactions}\n")
            self.stdout.write(f"```json\n{json.dumps(t.sample, indent=2, ensure_ascii=False)}\n```")
            self.stdout.write(
                f"```json\n{json.dumps(t.schema(), indent=2, ensure_ascii=False)}\n```\n"
            )
