"""Sessions in the database, read by a plain statement.

Every request of everybody signed in reads one; building that query by the ORM takes several times
as long as running it. Everything else is Django's own engine.
"""

from typing import Any, Final

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

_READ: Final = f"""
SELECT session_data FROM {Session._meta.db_table} WHERE session_key = %s AND expire_date > %s
"""  # noqa: S608  a table's name


class SessionStore(db.SessionStore):
    """The engine named by settings.SESSION_ENGINE."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return Django's own model: the table is the same."""
        return Session

    def load(self) -> dict[str, Any]:
        """Return what the session holds; empty, and without its key, when it is gone or over."""
        with connection.cursor() as cursor:
            cursor.execute(_READ, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        held: dict[str, Any] = self.decode(row[0])
        return held
