"""Writing a new booking, its session, its occupied time and its facts by one statement."""

import functools
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

from bookings.actions.holding import Claim
from bookings.models import Booking, Occupancy, Session
from common.postgres.base import prepared_cursor
from events import actions as events

# Rows that are written by the same statement refer to one another by these.
_NEW_SESSION = "(SELECT id FROM new_session)"
_NEW_BOOKING = "(SELECT id FROM new_booking)"
_GIVEN = "%s"


def insert_booking(booking: Booking, claim: Claim, facts: Iterable[events.Writing] = ()) -> None:
    """Write the booking on claimed time with what is recorded of it, and give it its key.

    Raises IntegrityError when the exclusion constraint refuses the time.
    """
    parts: list[str] = []
    parameters: list[Any] = []
    session: tuple[str, Any] = (_GIVEN, claim.session_id)
    if claim.new_session is not None:
        session = (_NEW_SESSION, None)
        parts.append(f"new_session AS ({_insert([claim.new_session], {}, parameters)})")
    inserted = _insert([booking], {"session_id": session}, parameters)
    parts.append(f"new_booking AS ({inserted}, session_id)")
    if claim.occupancies:
        for row in claim.occupancies:
            row.expires_at = booking.hold_expires_at
        owner = (_GIVEN if claim.new_session is not None else _NEW_BOOKING, None)
        links = {"booking_id": owner, "session_id": session}
        parts.append(f"taken AS ({_insert(claim.occupancies, links, parameters)})")
    for writing in facts:
        parts.append(writing.parts)
        parameters += writing.parameters
        events.wake_after_commit(writing)
    statement = f"WITH {', '.join(parts)} SELECT id, session_id FROM new_booking"  # noqa: S608  our own names
    with prepared_cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    assert row is not None  # the statement returns what it inserted  # noqa: S101
    booking.pk, booking.session_id = row
    booking.is_new = True
    booking._state.adding = False
    booking._state.db = connection.alias


def _insert(
    rows: Sequence[Booking | Occupancy | Session],
    links: dict[str, tuple[str, Any]],
    parameters: list[Any],
) -> str:
    """Return the INSERT of rows of one table; `links` are columns given as SQL above, or a key."""
    model = type(rows[0])
    names = tuple(links)
    given = [value for sql, value in links.values() if sql == _GIVEN]
    own = _own_fields(model, names)
    for row in rows:
        parameters += [field.pre_save(row, add=True) for field in own]
        parameters += given
    return _insert_text(model, names, tuple(sql for sql, _ in links.values()), len(rows))


@functools.cache
def _own_fields(
    model: type[models.Model], linked: tuple[str, ...]
) -> "tuple[models.Field[Any, Any], ...]":
    return tuple(
        field
        for field in model._meta.local_concrete_fields
        if not field.primary_key and field.attname not in linked
    )


@functools.cache
def _insert_text(
    model: type[models.Model], linked: tuple[str, ...], sqls: tuple[str, ...], count: int
) -> str:
    own = [field.attname for field in _own_fields(model, linked)]
    row = f"({', '.join([_GIVEN] * len(own) + list(sqls))})"
    columns = ", ".join([*own, *linked])
    return (
        f"INSERT INTO {model._meta.db_table} ({columns})"  # noqa: S608  our own names
        f" VALUES {', '.join([row] * count)} RETURNING id"
    )
