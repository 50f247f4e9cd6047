"""What every group of rows works with: sizes, servers, comparisons."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from bench.comparing import Comparison, Measure, compare
from bench.floors.tables import TABLES
from bench.load import Reading, send
from bench.messages import http
from bench.servers import Processes
from bench.table import Row

_IGNORED = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


@dataclass
class Run:
    """One run of the benchmark; `is_quick` makes everything a tenth, read once."""

    is_quick: bool
    processes: Processes

    def scaled(self, full: int, *, least: int = 1) -> int:
        """Return the size, or a tenth of it, never below the least."""
        return max(least, full // 10) if self.is_quick else full

    @property
    def runs(self) -> int:
        """Return of how many runs the median is taken."""
        return 1 if self.is_quick else 3

    @cached_property
    def floor(self) -> int:
        """Start the bare Django on first use; its port."""
        with connection.cursor() as cursor:
            cursor.execute(TABLES)
        return self.processes.start_wsgi("bench.floors.django_app:application")

    @cached_property
    def constant(self) -> int:
        """Start the bare callable on first use; its port."""
        return self.processes.start_wsgi("bench.floors.wsgi:application")

    @cached_property
    def ours(self) -> int:
        """Start the product's web process on first use; its port."""
        return self.processes.start_wsgi("config.wsgi:application")

    def compare(self, floor: Measure, ours: Measure) -> Comparison:
        """Compare by so many runs as this run takes."""
        return compare(floor, ours, runs=self.runs, attempts=1 if self.is_quick else 4)


class Statements:
    """Counts the statements of this process's connection, transaction control left out."""

    def __init__(self) -> None:
        """Start at none."""
        self.texts: list[str] = []

    def __call__(self, execute: Callable[..., object], sql: str, *rest: object) -> object:
        """Note the statement and run it."""
        if not sql.lstrip().upper().startswith(_IGNORED):
            self.texts.append(sql)
        return execute(sql, *rest)


Group = Callable[[Run], Iterator[Row]]


def constant_json(run: Run, count: int) -> Reading:
    """Return what the server does without any framework: the scale of this machine."""
    return send(run.constant, [http("GET", "/")] * count, warm_up=[http("GET", "/")] * 200)
