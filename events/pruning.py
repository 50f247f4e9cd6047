"""Retention: events, failures and finished work go in batches, so no statement runs long."""

from django.conf import settings
from django.db import connection

from events import registry

_BATCH = 5000


def _delete(table: str, condition: str, days: int) -> int:
    total = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {condition} "  # noqa: S608  own table names
                f"< now() - %s * interval '1 day' LIMIT {_BATCH})",
                [days],
            )
            count: int = cursor.rowcount
        total += count
        if count < _BATCH:
            return total


def prune_all() -> int:
    """Delete events, failures and finished work past their days; returns how many rows went."""
    total = _delete("events_event", "at", settings.EVENTS_KEEP_DAYS)
    total += _delete("events_workfailure", "at", settings.WORK_KEEP_DAYS)
    for kind in registry.kinds():
        if kind.keep_finished:
            total += _delete(
                kind.model._meta.db_table, "state = 1 AND finished_at", settings.WORK_KEEP_DAYS
            )
    return total
