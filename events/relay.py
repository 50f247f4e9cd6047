"""The one loop that does waiting work: claim a batch, run it, mark it.

Any number of drains may run at any time, in any number of processes. A failure first marks what
the batch finished, then itself, and gives the rest of its key back; other keys go on.
"""

import logging
import random
import time
from dataclasses import dataclass, field

from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.db import connection

from common import context
from common.logging import redact
from events import nudge, registry
from events.claims import Batch, Claimed, Claims
from events.errors import GiveUp, Retry
from events.lanes import Lane

logger = logging.getLogger(__name__)
BATCH = 100
# Seconds between attempts; the last one repeats. Each is varied by a fifth, so that rows which
# failed together do not come back together.
BACKOFF = (5, 15, 60, 300, 900, 1800, 3600)
_DRAIN_SECONDS = 5.0
# A batch running longer than this gives its unbegun rows to other processes.
_SLOW_SECONDS = 1.0


@dataclass(slots=True)
class _Run:
    """What happened to a batch so far."""

    done: list[int] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    started_at: float = field(default_factory=time.monotonic)


def drain_once(kind: registry.WorkKind, lane: Lane, *, limit: int = BATCH) -> int:
    """Claim and run one batch of a kind of work; returns how many rows were claimed."""
    claims = Claims(kind.model)
    batch = claims.claim(lane=lane, limit=limit)
    if not batch.rows:
        return 0
    run = _Run()
    ids = [row.id for row in batch.rows]
    loaded = kind.load(ids) if kind.load else list(kind.model._default_manager.filter(pk__in=ids))
    objects = {item.pk: item for item in loaded}
    turns = _turns(kind, batch, objects)
    for index, rows in enumerate(turns):
        if time.monotonic() - run.started_at > _SLOW_SECONDS:
            _mark(claims, kind, batch, run)
            claims.give_back(batch, [row.id for rest in turns[index:] for row in rest])
            break
        if rows[-1].key in run.blocked:
            claims.give_back(batch, [row.id for row in rows])
            continue
        try:
            _take_turn(kind, claims, batch, run, rows, objects)
        except SoftTimeLimitExceeded:
            claims.give_back(batch, [row.id for rest in turns[index + 1 :] for row in rest])
            raise
    _mark(claims, kind, batch, run)
    return len(batch.rows)


def _turns(
    kind: registry.WorkKind, batch: Batch, objects: dict[int, object]
) -> list[list[Claimed]]:
    """Group what runs together: rows of one key where the kind collapses them, else single rows."""
    turns: list[list[Claimed]] = []
    by_key: dict[str, list[Claimed]] = {}
    for row in batch.rows:
        item = objects.get(row.id)
        if row.key is None or row.crashes or item is None or not kind.collapses(item):
            turns.append([row])
        elif row.key in by_key:
            by_key[row.key].append(row)
        else:
            turns.append([row])
            by_key[row.key] = turns[-1]
    return turns


def _take_turn(
    kind: registry.WorkKind,
    claims: Claims,
    batch: Batch,
    run: _Run,
    rows: list[Claimed],
    objects: dict[int, object],
) -> None:
    head, item = rows[0], objects.get(rows[-1].id)
    if item is None:  # deleted between claim and load, such as a schedule taken back
        run.done.extend(row.id for row in rows)
        return
    has_crashed = head.crashes > 0
    if has_crashed:
        _mark(claims, kind, batch, run)
        claims.count_start(batch, head)
    token = context.request_id.set(context.new_request_id())
    try:
        if has_crashed and getattr(item, "attempts", 0) + 1 > kind.max_attempts(item):
            raise GiveUp("its process died each time it ran")
        kind.run(item)
    except SoftTimeLimitExceeded:
        _fail(kind, claims, batch, run, rows, item, "took too long", None, not has_crashed, False)
        raise
    except GiveUp as error:
        _fail(kind, claims, batch, run, rows, item, str(error), None, not has_crashed, True)
    except Retry as error:
        counts = error.counts and not has_crashed
        _fail(kind, claims, batch, run, rows, item, str(error), error.after, counts, False)
    except Exception as error:  # whatever a reaction raises is a failed attempt, recorded as such
        text = f"{type(error).__name__}: {error}"
        logger.exception("work failed", extra={"kind": kind.name, "work_id": head.id})
        _fail(kind, claims, batch, run, rows, item, text, None, not has_crashed, False)
    else:
        run.done.extend(row.id for row in rows)
        if has_crashed:
            _mark(claims, kind, batch, run)
    finally:
        context.request_id.reset(token)


def _mark(claims: Claims, kind: registry.WorkKind, batch: Batch, run: _Run) -> None:
    claims.finish(batch, run.done, keep=kind.keep_finished)
    run.done.clear()


def _fail(  # noqa: PLR0913  one failure has this many facts
    kind: registry.WorkKind,
    claims: Claims,
    batch: Batch,
    run: _Run,
    rows: list[Claimed],
    item: object,
    error: str,
    after: float | None,
    counts: bool,  # noqa: FBT001  private, always given
    is_final: bool,  # noqa: FBT001  private, always given
) -> None:
    if connection.in_atomic_block or connection.connection is None or not connection.is_usable():
        connection.close()
    _mark(claims, kind, batch, run)
    head = rows[0]
    attempts = int(getattr(item, "attempts", 0))
    is_dead = claims.fail(
        batch,
        head,
        error=str(redact(error))[:2000],
        wait=after if after is not None else backoff(attempts),
        max_attempts=kind.max_attempts(item),
        counts=counts,
        is_final=is_final,
    )
    claims.give_back(batch, [row.id for row in rows[1:]])
    if head.key is not None:
        run.blocked.add(head.key)
    if is_dead:
        logger.error("work is dead", extra={"kind": kind.name, "work_id": head.id})
        if kind.on_dead:
            kind.on_dead(item)


def backoff(attempts: int) -> float:
    """Return the seconds to wait after that many earlier attempts."""
    step = BACKOFF[min(attempts, len(BACKOFF) - 1)]
    return step * random.uniform(0.8, 1.2)  # noqa: S311  jitter, not a secret


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
    found = []
    for lane in Lane:
        for kind in registry.kinds(lane):
            table = kind.model._meta.db_table
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT 1 FROM {table} WHERE state = 0 AND lane = %s AND due_at <= now()"  # noqa: S608  a model's own table name
                    " AND (lease_until IS NULL OR lease_until < now()) LIMIT 1",
                    [int(lane)],
                )
                if cursor.fetchone():
                    found.append(lane)
                    break
    return found
