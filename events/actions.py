"""Recording facts and scheduling turns. Both write in the caller's transaction."""

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, transaction

from common.db import require_transaction
from common.ids import new_public_id
from common.postgres.base import prepared_cursor
from events import nudge, registry
from events.lanes import Lane
from events.models import Reaction, Work
from events.types import NewEvent

# Ids are given in the order of the list, and those of reactions in the order of their events.
_RECORD = """
recorded_event AS (
  INSERT INTO events_event (public_id, type, business, subject, actor, data)
  VALUES {rows} RETURNING id, type, subject),
recorded_reaction AS (
  INSERT INTO events_reaction (event_id, lane, name, subject, key)
  SELECT e.id, s.lane, s.name, e.subject, s.name || ':' || e.subject
  FROM recorded_event e
  JOIN unnest(%s::text[], %s::smallint[], %s::text[]) AS s(type, lane, name) ON s.type = e.type
  ORDER BY e.id)
"""
_ROW = "(%s, %s, %s, %s, %s, %s::jsonb)"

# Moving a turn that runs right now takes it from its runner (worker, lease), so that the runner's
# "done" does not delete the new date.
_SCHEDULE = """
INSERT INTO events_reaction (lane, name, subject, key, schedule_key, due_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (name, subject, schedule_key) WHERE state = 0 AND schedule_key IS NOT NULL
DO UPDATE SET due_at = EXCLUDED.due_at, attempts = 0, worker = NULL, lease_until = NULL
"""


@dataclass(frozen=True, slots=True)
class Writing:
    """What another statement of the same transaction carries: its `WITH` parts and their values.

    The text depends on nothing but how much is written. `woken` goes to `wake_after_commit`.
    """

    parts: str
    parameters: list[Any]
    woken: frozenset[Lane] = frozenset()


def record(event: NewEvent) -> int:
    """Insert the event and one open row for each reaction to its type, in one statement.

    Returns the event's row id. Must run inside the action's transaction, with the subject's row
    locked (rows of one subject then become visible in order); raises TransactionManagementError
    outside one and UnknownEventType for a type missing in the catalogue.
    """
    writing = recording([event])
    with prepared_cursor() as cursor:
        cursor.execute(f"WITH {writing.parts} SELECT id FROM recorded_event", writing.parameters)  # noqa: S608  text above
        row = cursor.fetchone()
    assert row is not None  # the statement returns the row it inserted  # noqa: S101
    wake_after_commit(writing)
    return int(row[0])


def recording(recorded: Sequence[NewEvent]) -> Writing:
    """Return what `record` would write for facts of different types, the earliest first.

    For an action that writes its rows and its facts by one statement; raises what `record` raises.
    """
    require_transaction("events.record")
    parameters: list[Any] = []
    types: list[str] = []
    lanes: list[int] = []
    names: list[str] = []
    for event in recorded:
        kind = event.type.name
        registry.event_type(kind)
        if settings.EVENTS_CHECK_DATA:
            event.type.check(event.data)
        data = orjson.dumps(event.data).decode()
        parameters += [
            new_public_id("evt"), kind, event.business, event.subject, event.actor, data,
        ]  # fmt: skip
        its_lanes, its_names = registry.subscriptions(kind)
        types += [kind] * len(its_lanes)
        lanes += its_lanes
        names += its_names
    return Writing(
        _record_text(len(recorded)),
        [*parameters, types, lanes, names],
        frozenset(map(Lane, lanes)),
    )


@functools.cache
def _record_text(count: int) -> str:
    return _RECORD.format(rows=", ".join([_ROW] * count))


def wake_after_commit(writing: Writing) -> None:
    """Let the lanes of what was written be drained soon after the transaction committed."""
    if writing.woken:
        transaction.on_commit(partial(nudge.wake, *writing.woken))


def schedule(*, reaction: str, subject: str, key: str = "", due_at: dt.datetime) -> None:
    """Let a state reaction run for the subject at `due_at` (aware); the same key moves the turn.

    Repeats safely. Runs at the first sweep after `due_at`, so up to ten seconds late.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SCHEDULE, _turn(reaction, subject, key, due_at))


def scheduling(*, reaction: str, subject: str, key: str = "", due_at: dt.datetime) -> Writing:
    """Return what `schedule` would write, for an action's own statement."""
    turn = _turn(reaction, subject, key, due_at)
    return Writing(f"scheduled_reaction AS ({_SCHEDULE})", turn)


def _turn(reaction: str, subject: str, key: str, due_at: dt.datetime) -> list[Any]:
    definition = registry.reaction(reaction)
    if definition is None or definition.kind != "state":
        raise LookupError(f"no state reaction named {reaction}")
    row_key = f"{reaction}:{subject}#{key}"
    return [int(definition.lane), reaction, subject, row_key, key, due_at]


def unschedule(*, reaction: str, subject: str, key: str = "") -> None:
    """Take a scheduled turn back; without one nothing happens."""
    Reaction.objects.filter(state=0, name=reaction, subject=subject, schedule_key=key).delete()


@transaction.atomic
def replay(*, kind: str, ids: list[int]) -> int:
    """Open dead or canceled rows again, each at the end of its key; returns how many.

    `kind` is a model label. Open and finished rows are left alone, so it repeats safely.
    """
    model = registry.kind(kind).model
    rows = list(
        model._default_manager.select_for_update()
        .filter(pk__in=ids, state__in=[Work.State.DEAD, Work.State.CANCELED])
        .order_by("pk")
    )
    for row in rows:
        if isinstance(row, Reaction):
            row.delete()
            row.pk = None
        row.state, row.attempts, row.crashes, row.last_error = Work.State.OPEN, 0, 0, ""
        row.lease_until = row.worker = row.finished_at = None
        row.due_at = dt.datetime.now(dt.UTC)
        row.save()
    if rows:
        transaction.on_commit(partial(nudge.wake, *{Lane(row.lane) for row in rows}))
    return len(rows)
