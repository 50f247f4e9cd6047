"""Proves a kept connection without asking the server.

Django asks `SELECT 1` before each request's first statement, which for a request of one statement
doubles the round trips. A connection that the server closed shows it by itself: its idle socket
can be read. Only then is the server asked.
"""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """The backend of every process."""

    # Set by Django's own wrapper; declared for the type checker, whose stubs lack them.
    health_check_enabled: bool
    health_check_done: bool

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
