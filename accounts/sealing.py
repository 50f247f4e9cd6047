"""Seals of the audit log: one a UTC day, each covering the seal before it.

A seal in the same database proves nothing against somebody who may change that database; its
digest therefore also goes to the log and by mail to the operators, and `verify` compares.
"""

import datetime as dt
import hashlib
import itertools
import logging
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from accounts.models import AuditDigest, AuditEntry
from accounts.reactions import MAIL_SEAL
from events import actions as events

logger = logging.getLogger(__name__)

# A transaction that began before midnight may commit after it; none lasts this long.
SETTLED_AFTER: Final = dt.timedelta(minutes=15)
# The columns are named: a later column must not change the hash of an old row. The erasable one
# is left out.
_ROWS: Final = """
SELECT id, sha256(convert_to(jsonb_build_array(id, (extract(epoch FROM at) * 1000000)::bigint,
         actor, business, action, subject, reason, before, after, request_id)::text, 'UTF8'))
FROM accounts_auditentry WHERE at >= %s AND at < %s ORDER BY id
"""
_PACKED: Final = struct.Struct(">q16s")


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing that is not as it was sealed."""

    day: dt.date
    what: str
    row: int | None = None


def seal_days(*, now: dt.datetime) -> list[AuditDigest]:
    """Seal every UTC day that is over and has none yet; repeats safely. `now` is aware.

    The first seal is that of the first day with an entry; days without entries are sealed too, so
    that a missing one shows.
    """
    last = AuditDigest.objects.order_by("-day").first()
    if last is not None:
        day = last.day + dt.timedelta(days=1)
    else:
        first = AuditEntry.objects.order_by("at").values_list("at", flat=True).first()
        if first is None:
            return []
        day = first.astimezone(dt.UTC).date()
    made = []
    while _end_of(day) + SETTLED_AFTER <= now:
        if (seal := _seal(day)) is not None:
            made.append(seal)
        day += dt.timedelta(days=1)
    return made


@transaction.atomic
def _seal(day: dt.date) -> AuditDigest | None:
    before = AuditDigest.objects.filter(day__lt=day).order_by("-day").first()
    rows = list(_rows(day))
    previous = before.digest if before else ""
    seal, is_new = AuditDigest.objects.get_or_create(
        day=day,
        defaults={
            "row_count": len(rows),
            "previous": previous,
            "digest": _digest(day, previous, rows),
            "row_hashes": b"".join(_PACKED.pack(pk, value[:16]) for pk, value in rows),
        },
    )
    if not is_new:
        return None
    logger.warning(
        "audit log sealed",
        extra={"day": str(day), "rows": seal.row_count, "digest": seal.digest},
    )
    events.schedule(reaction=MAIL_SEAL, subject=f"audit:{day}", due_at=_end_of(day))
    return seal


def verify(*, expected: Mapping[dt.date, str] | None = None) -> tuple[int, Difference | None]:
    """Recompute every seal; return how many days hold and the first difference, if any.

    `expected` are digests from outside, such as the mailed ones, by day.
    """
    given = dict(expected or {})
    previous, day, held = "", None, 0
    for seal in AuditDigest.objects.order_by("day").iterator():
        if day is not None and seal.day != day + dt.timedelta(days=1):
            return held, Difference(day + dt.timedelta(days=1), "the day's seal is missing")
        day = seal.day
        found = _check(seal, previous, given.pop(seal.day, None))
        if found is not None:
            return held, found
        previous, held = seal.digest, held + 1
    if given:
        return held, Difference(min(given), "the day's seal is missing")
    return held, None


def _check(seal: AuditDigest, previous: str, expected: str | None) -> Difference | None:
    rows = list(_rows(seal.day))
    if (found := _check_rows(seal, rows)) is not None:
        return found
    what = ""
    if seal.previous != previous:
        what = "the seal does not follow that of the day before"
    elif seal.digest != _digest(seal.day, previous, rows):
        what = "the seal itself was changed"
    elif expected is not None and expected != seal.digest:
        what = "the seal is not the one that was given"
    return Difference(seal.day, what) if what else None


def _check_rows(seal: AuditDigest, rows: list[tuple[int, bytes]]) -> Difference | None:
    sealed = dict(_PACKED.iter_unpack(bytes(seal.row_hashes)))
    present = {pk: value[:16] for pk, value in rows}
    for pk in sorted({*sealed, *present}):
        if pk not in present:
            return Difference(seal.day, "the row was removed", pk)
        if pk not in sealed:
            return Difference(seal.day, "the row was added after the day was sealed", pk)
        if sealed[pk] != present[pk]:
            return Difference(seal.day, "the row was changed", pk)
    return None


def _rows(day: dt.date) -> Iterator[tuple[int, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [_end_of(day) - dt.timedelta(days=1), _end_of(day)])
        for pk, value in itertools.chain.from_iterable(iter(lambda: cursor.fetchmany(2000), [])):
            yield pk, bytes(value)


def _digest(day: dt.date, previous: str, rows: list[tuple[int, bytes]]) -> str:
    whole = hashlib.sha256(f"{day}\n{previous}\n".encode())
    for pk, value in rows:
        whole.update(pk.to_bytes(8, "big") + value)
    return whole.hexdigest()


def _end_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)
