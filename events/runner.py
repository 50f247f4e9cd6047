"""Running one claimed batch: in turn, each row's end marked, one failing row holding up no other.

A failure first marks what the batch finished, then itself, and gives the rest of its key back;
other keys go on. A batch that runs slowly gives back what it has not begun.
"""

import logging
import random
import time
from dataclasses import dataclass, field
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection

from common import context
from common.logging import redact
from events.claims import Batch, Claimed, Claims
from events.errors import GiveUp, Retry
from events.registry import WorkKind

logger = logging.getLogger(__name__)
# Seconds between attempts; the last one repeats. Each is varied by a fifth, so that rows which
# failed together do not come back together.
BACKOFF = (5, 15, 60, 300, 900, 1800, 3600)
_SLOW_SECONDS = 1.0
_ERROR_CHARACTERS = 2000

Turn = list[Claimed]


def backoff(attempts: int) -> float:
    """Return the seconds to wait after that many earlier attempts."""
    step = BACKOFF[min(attempts, len(BACKOFF) - 1)]
    return step * random.uniform(0.8, 1.2)  # noqa: S311  jitter, not a secret


@dataclass(frozen=True, slots=True)
class _Failure:
    """How an attempt ended badly. `after` in seconds replaces the backoff."""

    error: str
    after: float | None = None
    counts: bool = True
    is_final: bool = False


@dataclass(slots=True)
class BatchRun:
    """One batch and how far it has come."""

    kind: WorkKind
    claims: Claims
    batch: Batch
    objects: dict[int, Any]
    done: list[int] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)

    def run(self) -> None:
        """Run every row, or give it back."""
        ends_at = time.monotonic() + _SLOW_SECONDS
        turns = self._turns()
        while turns and time.monotonic() < ends_at:
            turn = turns.pop(0)
            if turn[0].key in self.blocked:
                self._give_back(turn)
                continue
            try:
                self._take(turn)
            except SoftTimeLimitExceeded:
                self._give_back(*turns)
                raise
        self._mark()
        self._give_back(*turns)

    def _turns(self) -> list[Turn]:
        """Group what runs together: rows of one key where the kind collapses them, else one row."""
        turns: list[Turn] = []
        by_key: dict[str, Turn] = {}
        for row in self.batch.rows:
            item = self.objects.get(row.id)
            can_join = item is not None and not row.crashes and self.kind.collapses(item)
            if row.key is not None and can_join:
                if row.key in by_key:
                    by_key[row.key].append(row)
                    continue
                by_key[row.key] = turn = [row]
                turns.append(turn)
            else:
                turns.append([row])
        return turns

    def _take(self, turn: Turn) -> None:
        head, item = turn[0], self.objects.get(turn[-1].id)
        if item is None:  # deleted between claim and load, such as a schedule taken back
            self.done.extend(row.id for row in turn)
            return
        has_crashed = head.crashes > 0
        if has_crashed:
            self._mark()
            self.claims.count_start(self.batch, head)
        failure = self._attempt(item, counts=not has_crashed)
        if failure is None:
            self.done.extend(row.id for row in turn)
            if has_crashed:
                self._mark()
        else:
            self._fail(turn, self.objects.get(head.id, item), failure)
            if failure.error == _TOO_LONG:
                raise SoftTimeLimitExceeded

    def _attempt(self, item: Any, *, counts: bool) -> _Failure | None:
        if not counts and item.attempts >= self.kind.max_attempts(item):
            return _Failure("its process died each time it ran", counts=False, is_final=True)
        token = context.request_id.set(context.new_request_id())
        try:
            self.kind.run(item)
        except SoftTimeLimitExceeded:
            return _Failure(_TOO_LONG, counts=counts)
        except GiveUp as error:
            return _Failure(str(error), counts=counts, is_final=True)
        except Retry as error:
            return _Failure(str(error), after=error.after, counts=counts and error.counts)
        except Exception as error:  # whatever a reaction raises is a failed attempt, kept as such
            logger.exception("work failed", extra={"kind": self.kind.name, "work_id": item.pk})
            return _Failure(f"{type(error).__name__}: {error}", counts=counts)
        finally:
            context.request_id.reset(token)
        return None

    def _fail(self, turn: Turn, item: Any, failure: _Failure) -> None:
        if connection.in_atomic_block or not connection.is_usable():
            connection.close()
        self._mark()
        head = turn[0]
        is_dead = self.claims.fail(
            self.batch,
            head,
            error=str(redact(failure.error))[:_ERROR_CHARACTERS],
            wait=failure.after if failure.after is not None else backoff(item.attempts),
            max_attempts=self.kind.max_attempts(item),
            counts=failure.counts,
            is_final=failure.is_final,
        )
        self._give_back(turn[1:])
        if head.key is not None:
            self.blocked.add(head.key)
        if is_dead:
            logger.error("work is dead", extra={"kind": self.kind.name, "work_id": head.id})
            if self.kind.on_dead:
                self.kind.on_dead(item)

    def _mark(self) -> None:
        self.claims.finish(self.batch, self.done, keep=self.kind.keep_finished)
        self.done.clear()

    def _give_back(self, *turns: Turn) -> None:
        self.claims.give_back(self.batch, [row.id for turn in turns for row in turn])


_TOO_LONG = "took too long"
