"""Proves a kept connection without asking the server, and keeps plans of hot statements.

Django asks `SELECT 1` before each request's first statement, which for a request of one statement
doubles the round trips. A connection that the server closed shows it by itself: its idle socket
can be read. Only then is the server asked.
"""

import select
from typing import Any, cast

from django.db import connection
from django.db.backends.postgresql import base, operations
from django.db.backends.utils import CursorWrapper
from psycopg import Connection
from psycopg.types.numeric import Int8Dumper

# A pooler hands out process ids of its own, and statements to servers that never saw them prepared.
_PREPARE = """
SELECT set_config('plan_cache_mode', 'force_generic_plan', false)
WHERE pg_backend_pid() = %s
"""


class _PreparedCursor(base.ServerBindingCursor):
    """Sends values apart from the statement, which the server plans once a connection."""

    def __init__(self, connection: "Connection[Any]") -> None:
        """Give every whole number one type: each set of types is a statement of its own."""
        super().__init__(connection)
        self.adapters.register_dumper(int, Int8Dumper)

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """Prepare the statement the first time."""
        return super().execute(query, params, **{**options, "prepare": True})


class _Operations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str | None:
        """Return the statement with its values, for logs of queries."""
        if isinstance(cursor, _PreparedCursor):
            return str(self.compose_sql(sql, params))
        text: str | None = super().last_executed_query(cursor, sql, params)
        return text


class DatabaseWrapper(base.DatabaseWrapper):
    """The backend of every process."""

    ops_class = _Operations

    # Set by Django's own wrapper; declared for the type checker, whose stubs lack them.
    health_check_enabled: bool
    health_check_done: bool
    _prepares = False

    def init_connection_state(self) -> None:
        """Find out whether statements may be prepared: not behind a pooler, nor in a pool."""
        super().init_connection_state()
        self._prepares = False
        if self.pool or self.connection.pgconn.transaction_status:
            return
        found = self.connection.execute(_PREPARE, [self.connection.info.backend_pid])
        self._prepares = found.fetchone() is not None
        if self._prepares:
            self.connection.prepare_threshold = 0

    def prepared_cursor(self) -> CursorWrapper:
        """Return a cursor for a statement of constant text that is sent very often.

        One plan serves all values, so it is for statements that find few rows by index. Behind a
        pooler it is an ordinary cursor.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        if not self._prepares:
            return cast(CursorWrapper, self.cursor())
        with self.wrap_database_errors:
            return cast(CursorWrapper, self._prepare_cursor(_PreparedCursor(self.connection)))

    def close_if_health_check_failed(self) -> None:
        """Close a kept connection that the server has given up; the next statement opens another.

        A peer that vanished without a word is found by the statement itself, as it would be by a
        question.
        """
        if (
            self.connection is None
            or self.pool
            or not self.health_check_enabled
            or self.health_check_done
        ):
            return
        if self._has_word() and not self.is_usable():
            self.close()
        self.health_check_done = True

    def _has_word(self) -> bool:
        """Say whether the idle socket has something to read, its end included."""
        if self.connection.closed:
            return True
        poller = select.poll()
        poller.register(self.connection.pgconn.socket, select.POLLIN)
        return bool(poller.poll(0))


def prepared_cursor() -> CursorWrapper:
    """Return a prepared cursor of this thread's default connection."""
    return cast(DatabaseWrapper, connection).prepared_cursor()
