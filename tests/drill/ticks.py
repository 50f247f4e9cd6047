"""Reactions that leave a trace of every run, and an effect that must happen once."""

import os
import time

from django.db import connection
from typing_extensions import TypedDict

from events import registry
from events.lanes import Lane
from events.models import Event
from events.types import EventType


class TickData(TypedDict):
    n: int


TICK = EventType("drill.tick", TickData, "A tick of the drill.", {"n": 1})

TABLES = """
CREATE TABLE IF NOT EXISTS drill_run (id bigint GENERATED ALWAYS AS IDENTITY, name text,
  event bigint, pid int, at timestamptz DEFAULT clock_timestamp());
CREATE TABLE IF NOT EXISTS drill_effect (name text, event bigint, PRIMARY KEY (name, event));
TRUNCATE drill_run, drill_effect;
"""


def _leave_trace(name: str, event: Event) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO drill_run (name, event, pid) VALUES (%s, %s, %s)",
            [name, event.pk, os.getpid()],
        )
        cursor.execute(
            "INSERT INTO drill_effect (name, event) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [name, event.pk],
        )


@registry.fact("drill.critical", on="drill.tick", lane=Lane.CRITICAL)
def critical(event: Event) -> None:
    _leave_trace("critical", event)


@registry.fact("drill.slow", on="drill.tick")
def slow(event: Event) -> None:
    time.sleep(0.002)
    _leave_trace("slow", event)


@registry.fact("drill.booked", on="booking.confirmed")
def booked(event: Event) -> None:
    _leave_trace("booked", event)


# Of the drill's processes alone: a test process knows bookings of other tests too.
REACTIONS = (critical, slow)
REACTIONS_OF_PROCESSES = (*REACTIONS, booked)
