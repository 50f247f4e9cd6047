"""The benchmark runs and prints its table; what the table says depends on the machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from bench.comparing import compare
from bench.load import Reading
from bench.table import ratio_row
from tests.drill.stack import database_url

ROOT = Path(__file__).resolve().parents[2]


def databases() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'frontdesk_bench_%'")
        return {row[0] for row in cursor.fetchall()}


def readings(*rates: float):
    left = [Reading(rate) for rate in rates]
    return lambda: left.pop(0)


class TestCompare:
    def test_is_the_median_of_each_reading_to_the_floors_around_it(self) -> None:
        found = compare(readings(100, 100, 104, 104), readings(80, 51, 104), runs=3, attempts=1)

        assert round(found.ratio, 2) == 0.80
        assert found.is_void is False

    def test_begins_again_while_the_floor_moves(self) -> None:
        found = compare(readings(100, 50, 100, 100), readings(60, 90), runs=1, attempts=2)

        assert (found.attempts, found.ratio, found.is_void) == (2, 0.9, False)

    def test_is_void_when_the_floor_never_holds_still(self) -> None:
        found = compare(readings(100, 50), readings(90), runs=1, attempts=1)

        assert ratio_row("a ratio", found, least=0.5).verdict == "void"

    def test_a_refused_answer_is_a_miss(self) -> None:
        ours = Reading(100, [1.0], {503: 1})
        found = compare(readings(100, 100), lambda: ours, runs=1, attempts=1)

        assert ratio_row("a ratio", found, least=0.5).verdict == "MISS"


@pytest.mark.drill
@pytest.mark.service
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
class TestCommand:
    def test_prints_a_row_for_each_promise_and_leaves_nothing_behind(self) -> None:
        before = databases()

        done = subprocess.run(
            [sys.executable, "-m", "bench", "--quick", "--only", "availability,relay"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": database_url(), "REDIS_URL": settings.REDIS_URL},
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stderr
        table = done.stdout.splitlines()
        start = next(n for n, line in enumerate(table) if line.startswith("what "))
        names = [line.split("  ")[0] for line in table[start + 2 : -2]]
        assert names == [
            "availability statements, nothing kept",
            "availability of 30 days, cold, p50",
            "availability of 30 days, cold, p99",
            "compute: 1 person, 200 bookings",
            "compute: 50 people, 10,000 bookings",
            "availability, kept, to a bare Redis GET",
            "relay: no-op reactions claimed, run and marked",
            "relay beside 100,000 finished rows",
        ]
        assert "pass" in table[-1]
        assert databases() == before
