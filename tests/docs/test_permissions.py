"""The page of permissions says what the access rules say."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"


@pytest.mark.row("E3")
class TestPermissionsPage:
    def test_is_written_from_the_rules(self) -> None:
        written = StringIO()

        call_command("permissions", stdout=written)

        assert PAGE.read_text() == written.getvalue(), (
            "run: bin/manage permissions > docs/permissions.md"
        )
