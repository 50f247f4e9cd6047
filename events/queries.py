"""Reading the event log: by subject for a timeline, by cursor for feeds."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from events.models import Event

START = "0:0"


@dataclass(frozen=True, slots=True)
class Page:
    """Events in reading order and the cursor after the last."""

    events: list[Event]
    cursor: str


def subject_events(*subjects: str, limit: int = 100) -> QuerySet[Event]:
    """Return the newest events of the objects, newest first."""
    return Event.objects.filter(subject__in=subjects).order_by("-id")[:limit]


def read_after(
    *, cursor: str = START, limit: int = 500, business: str = "", types: Sequence[str] = ()
) -> Page:
    """Return what was recorded after the cursor and can no longer be overtaken.

    Only transactions older than every running one are read, so a row that commits late is never
    skipped; an open writing transaction delays newer events until it ends. Order is by start of
    writing. Raises ValueError for a malformed cursor.
    """
    xid, _, row_id = cursor.partition(":")
    if not (xid.isdigit() and row_id.isdigit()):
        raise ValueError(f"not a cursor: {cursor!r}")
    conditions = ["(xid, id) > (%s::xid8, %s)", "xid < pg_snapshot_xmin(pg_current_snapshot())"]
    parameters: list[int | str | list[str]] = [xid, int(row_id)]
    if business:
        conditions.append("business = %s")
        parameters.append(business)
    if types:
        conditions.append("type = ANY(%s)")
        parameters.append(list(types))
    with connection.cursor() as db:
        db.execute(
            "SELECT id, xid::text FROM events_event WHERE "  # noqa: S608  fixed conditions
            + " AND ".join(conditions)
            + " ORDER BY xid, id LIMIT %s",
            [*parameters, limit],
        )
        found = db.fetchall()
    rows = Event.objects.in_bulk([row[0] for row in found])
    after = f"{found[-1][1]}:{found[-1][0]}" if found else cursor
    return Page([rows[row[0]] for row in found], after)


def search(text: str) -> Q:
    """Return the condition under which an event is found by type, object, business or id."""
    return Q(type__icontains=text) | Q(subject=text) | Q(business=text) | Q(public_id=text)
