"""Writing a new booking with its session and its occupied time by one statement."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models

from bookings.actions.holding import Claim
from bookings.models import Booking, Occupancy, Session

# Rows that are written by the same statement refer to one another by these.
_NEW_SESSION = "(SELECT id FROM new_session)"
_NEW_BOOKING = "(SELECT id FROM new_booking)"


def insert_booking(booking: Booking, claim: Claim) -> None:
    """Write the booking on claimed time and give it its key.

    Raises IntegrityError when the exclusion constraint refuses the time.
    """
    parts: list[str] = []
    parameters: list[Any] = []
    session: int | str | None = claim.session_id
    if claim.new_session is not None:
        session = _NEW_SESSION
        parts.append(f"new_session AS ({_insert([claim.new_session], {}, parameters)})")
    inserted = _insert([booking], {"session_id": session}, parameters)
    parts.append(f"new_booking AS ({inserted}, session_id)")
    if claim.occupancies:
        for row in claim.occupancies:
            row.expires_at = booking.hold_expires_at
        owner = None if claim.new_session is not None else _NEW_BOOKING
        links = {"booking_id": owner, "session_id": session}
        parts.append(f"taken AS ({_insert(claim.occupancies, links, parameters)})")
    statement = f"WITH {', '.join(parts)} SELECT id, session_id FROM new_booking"  # noqa: S608  our own names
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    assert row is not None  # the statement returns what it inserted  # noqa: S101
    booking.pk, booking.session_id = row
    booking.is_new = True
    booking._state.adding = False
    booking._state.db = connection.alias


def _insert(
    rows: Sequence[Booking | Occupancy | Session],
    links: dict[str, int | str | None],
    parameters: list[Any],
) -> str:
    """Return the INSERT of rows of one table; `links` are columns set to a key or to SQL above."""
    fields: list[models.Field[Any, Any]] = [
        field
        for field in rows[0]._meta.local_concrete_fields
        if not field.primary_key and field.attname not in links
    ]
    tuples = []
    for row in rows:
        parameters += [
            field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields
        ]
        linked = ["NULL" if link is None else str(link) for link in links.values()]
        tuples.append(f"({', '.join(['%s'] * len(fields) + linked)})")
    columns = ", ".join([*(field.attname for field in fields), *links])
    table = rows[0]._meta.db_table
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join(tuples)} RETURNING id"  # noqa: S608  our own names
