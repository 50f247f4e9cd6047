"""Recording facts and scheduling turns. Both write in the caller's transaction."""

import datetime as dt
from functools import partial

import orjson
from django.conf import settings
from django.db import connection, transaction

from common.db import require_transaction
from common.ids import new_public_id
from events import nudge, registry
from events.lanes import Lane
from events.models import Reaction, Work
from events.types import NewEvent

_RECORD = """
WITH e AS (
  INSERT INTO events_event (public_id, type, business, subject, actor, data)
  VALUES (%s, %s, %s, %s, %s, %s::jsonb) RETURNING id, subject),
r AS (
  INSERT INTO events_reaction (event_id, lane, name, subject, key)
  SELECT e.id, s.lane, s.name, e.subject, s.name || ':' || e.subject
  FROM e CROSS JOIN unnest(%s::smallint[], %s::text[]) AS s(lane, name))
SELECT id FROM e
"""

# Moving a turn that runs right now takes it from its runner (worker, lease), so that the runner's
# "done" does not delete the new date.
_SCHEDULE = """
INSERT INTO events_reaction (lane, name, subject, key, schedule_key, due_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (name, subject, schedule_key) WHERE state = 0 AND schedule_key IS NOT NULL
DO UPDATE SET due_at = EXCLUDED.due_at, attempts = 0, worker = NULL, lease_until = NULL
"""


def record(event: NewEvent) -> int:
    """Insert the event and one open row for each reaction to its type, in one statement.

    Returns the event's row id. Must run inside the action's transaction, with the subject's row
    locked (rows of one subject then become visible in order); raises TransactionManagementError
    outside one and UnknownEventType for a type missing in the catalogue.
    """
    require_transaction("events.record")
    registry.event_type(event.type.name)
    if settings.EVENTS_CHECK_DATA:
        event.type.check(event.data)
    lanes, names = registry.subscriptions(event.type.name)
    with connection.cursor() as cursor:
        cursor.execute(
            _RECORD,
            [
                new_public_id("evt"),
                event.type.name,
                event.business,
                event.subject,
                event.actor,
                orjson.dumps(event.data).decode(),
                lanes,
                names,
            ],
        )
        row = cursor.fetchone()
    assert row is not None  # the statement returns the row it inserted  # noqa: S101
    if lanes:
        transaction.on_commit(partial(nudge.wake, *map(Lane, set(lanes))))
    return int(row[0])


def schedule(*, reaction: str, subject: str, key: str = "", due_at: dt.datetime) -> None:
    """Let a state reaction run for the subject at `due_at` (aware); the same key moves the turn.

    Repeats safely. Runs at the first sweep after `due_at`, so up to ten seconds late.
    """
    definition = registry.reaction(reaction)
    if definition is None or definition.kind != "state":
        raise LookupError(f"no state reaction named {reaction}")
    with connection.cursor() as cursor:
        cursor.execute(
            _SCHEDULE,
            [int(definition.lane), reaction, subject, f"{reaction}:{subject}#{key}", key, due_at],
        )


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
