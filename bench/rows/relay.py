"""The relay: no-op work claimed, handed over and marked by one process."""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from bench.load import Reading
from bench.run import Run
from bench.table import Row, ratio_row
from events import registry, relay
from events.lanes import Lane
from events.models import Event
from events.reactions import KIND as REACTIONS
from payments.models import SandboxDelivery

_SUBJECTS = 500
_TARGET = 5000

_REACTIONS = """
WITH made AS (
  INSERT INTO events_event (public_id, type, business, subject, actor, data)
  SELECT 'evt_' || lpad(n::text, 26, '0'), 'booking.created', 'biz_1',
         'bkg_' || n %% %(subjects)s, '', '{}'
  FROM generate_series(%(from)s::bigint, %(to)s::bigint) AS n
  RETURNING id, subject)
INSERT INTO events_reaction (event_id, lane, name, subject, key)
SELECT id, %(lane)s, 'bench.noop', subject, 'bench.noop:' || subject FROM made
"""
_DELIVERIES = """
INSERT INTO payments_sandboxdelivery (lane, state, url, event_id, account, body, finished_at)
SELECT %(lane)s, %(state)s, 'http://127.0.0.1/', 'evt_' || n, 'acct', '{}',
       CASE WHEN %(state)s::int = 1 THEN now() END
FROM generate_series(1, %(count)s::bigint) AS n
"""


@registry.fact("bench.noop", on="bench.never", lane=Lane.BULK)
def noop(_event: Event) -> None:
    """Do nothing."""


def _nothing(_row: Any) -> None:
    """Do nothing."""


_KEPT = registry.WorkKind(model=SandboxDelivery, run=_nothing, lanes=(Lane.BULK,))


def _execute(statement: str, parameters: dict[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def measure(run: Run) -> Iterator[Row]:
    """Measure reactions a second, and kept work beside a million finished rows."""
    registry.add_reactions(noop)
    count = run.scaled(20_000)
    rates = [_reactions(count, start) for start in range(0, run.runs * count, count)]
    rate = statistics.median(rates)
    yield Row(
        "relay: no-op reactions claimed, run and marked",
        f"{rate:,.0f}/s",
        f">= {_TARGET:,}/s",
        rate >= _TARGET,
        f"one process, {_SUBJECTS} subjects, batches of {relay.BATCH}",
    )
    yield _beside_finished(run, count)


def _drained(kind: registry.WorkKind, count: int) -> float:
    began, done = time.perf_counter(), 0
    while done < count:
        done += relay.drain_once(kind, Lane.BULK)
    return count / (time.perf_counter() - began)


def _reactions(count: int, start: int) -> float:
    _execute(
        _REACTIONS,
        {"subjects": _SUBJECTS, "from": start + 1, "to": start + count, "lane": int(Lane.BULK)},
    )
    _execute("ANALYZE events_reaction")
    return _drained(REACTIONS, count)


def _beside_finished(run: Run, count: int) -> Row:
    finished = run.scaled(1_000_000)

    def filled(*, beside: int) -> Callable[[], Reading]:
        def read() -> Reading:
            _execute("TRUNCATE payments_sandboxdelivery")
            if beside:
                _execute(_DELIVERIES, {"lane": int(Lane.BULK), "state": 1, "count": beside})
            _execute(_DELIVERIES, {"lane": int(Lane.BULK), "state": 0, "count": count})
            _execute("VACUUM ANALYZE payments_sandboxdelivery")
            return Reading(_drained(_KEPT, count))

        return read

    found = run.compare(filled(beside=0), filled(beside=finished))
    return ratio_row(f"relay beside {finished:,} finished rows", found, least=0.9)
