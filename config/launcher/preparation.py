"""Migrations and demo data, skipped in milliseconds when neither code nor database changed."""

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg

from config.launcher.errors import CannotStart
from config.processes.program import Program
from config.processes.supervisor import Supervisor

_SCHEMA_SOURCES = ("*/migrations/*.py", "requirements.lock")
_DEMO_SOURCES = (
    "operations/management/commands/seed_demo.py",
    "operations/demo/**/*.py",
    "operations/demo*.py",
)


class Preparation:
    """Brings the database to the state the code expects.

    The record of what was done lies in `var` and counts only together with the same rows in
    `django_migrations`: a restored or emptied database is prepared anew.
    """

    def __init__(self, *, project: Path, var: Path, environment: Mapping[str, str]) -> None:
        self._project = project
        self._record = var / "prepared.json"
        self._environment = environment

    def run(self, supervisor: Supervisor, *, with_demo: bool) -> None:
        """Migrate and seed where needed, showing progress. Raises CannotStart, Stopped."""
        done = self._read_record()
        schema = fingerprint(self._project, _SCHEMA_SOURCES)
        demo = fingerprint(self._project, _DEMO_SOURCES)
        state = self._database_state()
        is_same = state is not None and done.get("database") == state
        if not is_same or done.get("schema") != schema:
            supervisor.terminal.say("preparing the database ...")
            self._manage(supervisor, "migrate", "--noinput", name="migrate")
        if with_demo and (not is_same or done.get("demo") != demo):
            supervisor.terminal.say("filling in the demo business ...")
            self._manage(supervisor, "seed_demo", name="seed")
            done["demo"] = demo
        done |= {"database": self._database_state(), "schema": schema}
        self._record.write_text(json.dumps(done))

    def _manage(self, supervisor: Supervisor, *arguments: str, name: str) -> None:
        program = Program(
            name=name,
            argv=[sys.executable, "manage.py", *arguments],
            env={**self._environment, "PROCESS_TYPE": "release"},
            cwd=self._project,
        )
        if supervisor.run_to_end(program) != 0:
            raise CannotStart(f"`manage.py {arguments[0]}` failed; the lines above say why.")

    def _read_record(self) -> dict[str, object]:
        try:
            found = json.loads(self._record.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _database_state(self) -> list[str] | None:
        """Return what tells this database from another or an older copy; None while it is empty."""
        query = (
            "SELECT count(*)::text, max(applied)::text, "
            "(SELECT system_identifier::text FROM pg_control_system()) FROM django_migrations"
        )
        try:
            with psycopg.connect(
                self._environment["DATABASE_URL"], connect_timeout=5
            ) as connection:
                row = connection.execute(query).fetchone()
        except psycopg.Error:  # no such table yet, or a server that hides its identifier
            return None
        return None if row is None else [str(value) for value in row]


def fingerprint(project: Path, patterns: Iterable[str]) -> str:
    """Return a digest of the names and contents of the matching files."""
    digest = hashlib.sha256()
    for path in sorted({p for pattern in patterns for p in project.glob(pattern)}):
        digest.update(str(path.relative_to(project)).encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()
