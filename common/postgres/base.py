"""Proves a kept connection without asking the server, and keeps plans of hot statements.

Django asks `SELECT 1` before each request's first statement, which for a request of one statement
doubles the round trips. A connection that the server closed shows it by itself: its idle socket
can be read. Only then is the server asked.
"""

import select
from typing import Any, Self, cast

import psycopg
from django.db import connection
from django.db.backends.postgresql import base, operations
from django.db.backends.utils import CursorWrapper
from psycopg import pq
from psycopg.types.numeric import Int8Dumper


class _PreparedCursor(base.CursorMixin, psycopg.Cursor[Any]):
    """Sends values apart from the statement, which is prepared the first time it is met."""

    def __init__(self, link: "psycopg.Connection[Any]") -> None:
        """Give every whole number one type: each set of types is a statement of its own."""
        super().__init__(link)
        self.adapters.register_dumper(int, Int8Dumper)

    def execute(
        self,
        query: Any,
        params: Any = None,
        *,
        prepare: bool | None = True,
        binary: bool | None = None,
    ) -> Self:
        """Run the prepared statement; an ordinary one where settings or the server forbid it."""
        return super().execute(query, params, prepare=prepare, binary=binary)


class _Operations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        """Return the statement with its values, for logs of queries."""
        if isinstance(cursor, _PreparedCursor):
            return str(self.compose_sql(sql, params))
        return super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """The backend of every process."""

    ops_class = _Operations

    # Set by Django's own wrapper; declared for the type checker, whose stubs lack them.
    health_check_enabled: bool
    health_check_done: bool

    def init_connection_state(self) -> None:
        """Prepare nothing behind a pooler.

        It may send each transaction to another server connection, which never saw the statement.
        It is known by the process id it makes up for the client.
        """
        super().init_connection_state()
        link = self.connection
        # A connection of the pool comes here each time it is taken.
        is_known = getattr(link, "is_server_known", False)
        if is_known or link.prepare_threshold is None or not link.autocommit:
            return
        row = link.execute("SELECT pg_backend_pid()").fetchone()
        if row[0] != link.info.backend_pid:
            link.prepare_threshold = None
        link.is_server_known = True

    def prepared_cursor(self, *, is_binary: bool = False) -> CursorWrapper:
        """Return a cursor for statements of constant text that are sent very often.

        `is_binary` has rows come in the server's own form, which reads instants much faster.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        self.validate_thread_sharing()
        with self.wrap_database_errors:
            # The stubs know Django's wrapper only, which has the same methods.
            prepared = _PreparedCursor(self.connection)
            if is_binary:
                prepared.format = pq.Format.BINARY
            cursor = cast(CursorWrapper, prepared)
            return (
                self.make_debug_cursor(cursor) if self.queries_logged else self.make_cursor(cursor)
            )

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


def prepared_cursor(*, is_binary: bool = False) -> CursorWrapper:
    """Return a prepared cursor of this thread's default connection."""
    return cast(DatabaseWrapper, connection).prepared_cursor(is_binary=is_binary)
