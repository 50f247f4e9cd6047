"""The SQL of claiming and marking work, the same for every table of it.

A claim leases a batch under an advisory transaction lock per table and lane: the second claimer's
snapshot is taken after the first committed, so two never hold rows of one key. The lock is a
statement of its own, before the claim. `worker` is a fresh token per claim: a row answers only
to the token that holds it, so a process that wakes after its lease changes nothing.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from events.lanes import Lane, lease_seconds
from events.models import Work

_LOCK_SPACE = 7001

# A key's followers are taken with its head and run in sequence; heads alone would give a busy
# subject one row per pass. `state = 0` is literal, or the partial indexes would not be used.
_CLAIM = """
WITH head AS (
  SELECT r.id, r.key FROM {table} r
  WHERE r.state = 0 AND r.lane = %(lane)s AND r.due_at <= now()
    AND (r.lease_until IS NULL OR r.lease_until < now())
    AND (r.key IS NULL OR NOT EXISTS (
      SELECT 1 FROM {table} p WHERE p.state = 0 AND p.key = r.key AND p.id <> r.id
        AND (p.id < r.id OR p.lease_until > now())))
  ORDER BY r.due_at, r.id LIMIT %(limit)s FOR UPDATE OF r SKIP LOCKED),
pick AS (
  SELECT f.id FROM head h CROSS JOIN LATERAL (
    (SELECT h.id AS id WHERE h.key IS NULL)
    UNION ALL
    (SELECT r.id FROM {table} r
     WHERE r.state = 0 AND r.key = h.key AND r.id >= h.id AND (r.id = h.id OR r.due_at <= now())
     ORDER BY r.id LIMIT %(limit)s)) f
  LIMIT %(limit)s)
UPDATE {table} u
SET worker = %(worker)s, lease_until = now() + %(lease)s * interval '1 second',
    crashes = u.crashes + (u.worker IS NOT NULL)::int
FROM pick WHERE u.id = pick.id
RETURNING u.id, u.key, u.crashes
"""

_FINISH_DELETE = "DELETE FROM {table} WHERE id = ANY(%s) AND worker = %s"
_FINISH_KEEP = """
UPDATE {table}
SET state = 1, finished_at = now(), worker = NULL, lease_until = NULL, last_error = ''
WHERE id = ANY(%s) AND worker = %s
"""
_GIVE_BACK = """
UPDATE {table} SET worker = NULL, lease_until = NULL WHERE id = ANY(%s) AND worker = %s
"""
_COUNT_START = "UPDATE {table} SET attempts = attempts + 1 WHERE id = %s AND worker = %s"
_FAIL = """
WITH f AS (
  UPDATE {table}
  SET attempts = attempts + %(count)s,
      state = CASE WHEN %(dead)s OR attempts + %(count)s >= %(max)s THEN 2 ELSE 0 END,
      finished_at = CASE WHEN %(dead)s OR attempts + %(count)s >= %(max)s THEN now() END,
      due_at = now() + %(wait)s * interval '1 second',
      last_error = %(error)s, worker = NULL, lease_until = NULL
  WHERE id = %(id)s AND worker = %(worker)s
  RETURNING id, key, attempts, state, due_at),
log AS (
  INSERT INTO events_workfailure (kind, work_id, attempt, error)
  SELECT %(kind)s, id, attempts, %(error)s FROM f)
SELECT state FROM f
"""
# Successors wait with the row they follow; otherwise each pass would walk them all.
_PUSH_BACK = """
UPDATE {table} SET due_at = greatest(due_at, now() + %(wait)s * interval '1 second')
WHERE state = 0 AND key = %(key)s AND id > %(id)s
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A leased row."""

    id: int
    key: str | None
    crashes: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows leased by one claim, in the order in which they run."""

    token: str
    rows: list[Claimed]


class Claims:
    """Claim and mark the rows of one table of work."""

    def __init__(self, model: type[Work]) -> None:
        """Write the statements for the model's table."""
        self.table = model._meta.db_table
        self.kind = model._meta.label

    def _run(self, statement: str, parameters: Any) -> list[tuple[Any, ...]]:
        # A database crash may then repeat work, which is idempotent; it never loses a row.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
            cursor.execute(statement.format(table=self.table), parameters)
            return list(cursor.fetchall()) if cursor.description else []

    def claim(self, *, lane: Lane, limit: int) -> Batch:
        """Lease up to `limit` due rows of the lane; keys with a row whose lease ran out go last."""
        token = secrets.token_hex(8)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, hashtext(%s) + %s)",
                [_LOCK_SPACE, self.table, int(lane)],
            )
            cursor.execute(
                _CLAIM.format(table=self.table),
                {"lane": int(lane), "limit": limit, "worker": token, "lease": lease_seconds(lane)},
            )
            rows = [Claimed(*row) for row in cursor.fetchall()]
        # Followers stay behind a row that goes last, or they would overtake it.
        last = {row.key for row in rows if row.crashes and row.key is not None}
        rows.sort(key=lambda row: (row.crashes > 0 or row.key in last, row.id))
        return Batch(token, rows)

    def finish(self, batch: Batch, ids: list[int], *, keep: bool) -> None:
        """Mark rows done: kept as finished, or deleted."""
        if ids:
            self._run(_FINISH_KEEP if keep else _FINISH_DELETE, [ids, batch.token])

    def give_back(self, batch: Batch, ids: list[int]) -> None:
        """Release rows that were not begun."""
        if ids:
            self._run(_GIVE_BACK, [ids, batch.token])

    def count_start(self, batch: Batch, row: Claimed) -> None:
        """Count the attempt before it starts: the last one of this row killed its process."""
        self._run(_COUNT_START, [row.id, batch.token])

    def fail(
        self,
        batch: Batch,
        row: Claimed,
        *,
        error: str,
        wait: float,
        max_attempts: int,
        counts: bool,
        is_final: bool,
    ) -> bool:
        """Record a failed attempt; it waits `wait` seconds or ends dead (True)."""
        found = self._run(
            _FAIL,
            {
                "id": row.id,
                "worker": batch.token,
                "count": int(counts),
                "dead": is_final,
                "max": max_attempts,
                "wait": wait,
                "error": error,
                "kind": self.kind,
            },
        )
        is_dead = bool(found) and found[0][0] == Work.State.DEAD
        if found and not is_dead and row.key is not None:
            self._run(_PUSH_BACK, {"key": row.key, "id": row.id, "wait": wait})
        return is_dead
