"""The one loop that does waiting work: claim a batch, run it, mark it.

Any number of drains may run at any time, in any number of processes.
"""

import time

from django.core.cache import cache
from django.db import connection

from events import nudge, registry
from events.claims import Claims
from events.lanes import Lane
from events.runner import BatchRun

BATCH = 100
_DRAIN_SECONDS = 5.0


def drain_once(kind: registry.WorkKind, lane: Lane, *, limit: int = BATCH) -> int:
    """Claim and run one batch of a kind of work; returns how many rows were claimed."""
    claims = Claims(kind.model)
    batch = claims.claim(lane=lane, limit=limit)
    if not batch.rows:
        return 0
    ids = [row.id for row in batch.rows]
    loaded = kind.load(ids) if kind.load else list(kind.model._default_manager.filter(pk__in=ids))
    BatchRun(kind, claims, batch, {item.pk: item for item in loaded}).run()
    return len(batch.rows)


def drain_lane(lane: Lane) -> None:
    """Do the lane's due work for up to five seconds, then make room for others.

    While it works it holds a mark in the cache, so that requests need not publish; it looks once
    more after taking the mark away, so whoever committed before that is seen.
    """
    mark, ends_at = nudge.drain_mark(lane), time.monotonic() + _DRAIN_SECONDS
    while time.monotonic() < ends_at:
        cache.set(mark, 1, timeout=nudge.DRAIN_MARK_SECONDS)
        count = _drain_kinds(lane)
        if count >= BATCH:
            _call_another_worker(lane)
            continue
        if count:
            time.sleep(0.01)  # let a few gather
            continue
        cache.delete(mark)
        if not _drain_kinds(lane) or not cache.add(mark, 1, timeout=nudge.DRAIN_MARK_SECONDS):
            return
    cache.delete(mark)
    nudge.wake(lane)


def _drain_kinds(lane: Lane) -> int:
    return sum(drain_once(kind, lane) for kind in registry.kinds(lane))


def _call_another_worker(lane: Lane) -> None:
    if cache.add(f"{nudge.drain_mark(lane)}:more", 1, timeout=1):
        cache.delete(nudge.drain_mark(lane))
        nudge.wake(lane)


def drain_all() -> int:
    """Run everything due now in this process, lane by lane; returns how many rows were claimed.

    For commands and tests; it returns when nothing due is left.
    """
    total = 0
    while count := sum(_drain_kinds(lane) for lane in Lane):
        total += count
    return total


def lanes_with_due_work() -> list[Lane]:
    """Return the lanes that hold a due, unleased row."""
    return [lane for lane in Lane if any(_has_due(kind, lane) for kind in registry.kinds(lane))]


def _has_due(kind: registry.WorkKind, lane: Lane) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {kind.model._meta.db_table}"  # noqa: S608  a model's own table name
            " WHERE state = 0 AND lane = %s AND due_at <= now()"
            " AND (lease_until IS NULL OR lease_until < now()) LIMIT 1",
            [int(lane)],
        )
        return cursor.fetchone() is not None
