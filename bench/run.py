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

# Constant JSON a second on two quiet cores; about what the sizes were chosen for.
QUIET_RATE = 15_000

_IGNORED = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


@dataclass
class Run:
    """One run of the benchmark; `is_quick` makes everything a tenth, read once.

    `pace` is the machine's share of a quiet one's speed, at most 1: a busy machine is asked for
    less, so that a run takes minutes everywhere.
    """

    is_quick: bool
    processes: Processes
    pace: float = 1.0

    def scaled(self, full: int, *, least: int = 1) -> int:
        """Return the size, or a tenth of it, never below the least."""
        return max(least, full // 10) if self.is_quick else full

    def paced(self, full: int) -> int:
        """Return how many requests to send, by the size of the run and the machine's pace."""
        return max(100, int(self.scaled(full) * self.pace))

    def read_pace(self) -> Reading:
        """Read what the server does without any framework, and set the pace by it."""
        one = [http("GET", "/")]
        reading = send(self.constant, one * self.scaled(20_000), warm_up=one * 200)
        self.pace = min(1.0, reading.rate / QUIET_RATE)
        return reading

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
        return compare(floor, ours, runs=self.runs, attempts=1 if self.is_quick else 3)


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
