"""What the drill's reactions have left in the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from tests.drill.stack import Stack, wait_until
from tests.drill.ticks import TABLES


@contextmanager
def tables() -> Iterator[None]:
    """Keep the tables of the traces for the block."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE drill_run, drill_effect")


def scalar(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def effects() -> int:
    """Return how many effects there are; each can be there once."""
    return scalar("SELECT count(*) FROM drill_effect")


def runs() -> int:
    """Return how often reactions ran."""
    return scalar("SELECT count(*) FROM drill_run")


def settle(stack: Stack, expected: int, seconds: float) -> float:
    """Wait for so many effects; returns the seconds. Raises AssertionError with the logs."""

    def is_settled() -> bool:
        stack.check_alive()
        return effects() >= expected

    try:
        return wait_until(is_settled, seconds, f"{expected} effects")
    except AssertionError as error:
        raise AssertionError(f"{error}: {effects()} effects\n{stack.logs()}") from error


def report(name: str, **figures: float) -> None:
    """Print a drill's figures."""
    print(name, *(f"{key}={value:g}" for key, value in figures.items()))  # noqa: T201  for the reader
