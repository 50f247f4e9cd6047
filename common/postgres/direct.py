"""A statement that goes to the server without a cursor.

Making a cursor, adapting ten values and reading one row back takes a process three times as long as
asking libpq itself. That pays only for a statement sent hundreds of times a second, whose
values are text and bytes.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from django.db import connection
from psycopg import errors, pq

from common.postgres.base import DatabaseWrapper

Value = str | bytes | None
_UNKNOWN_STATEMENT: Final = b"26000"
_NAMED: Final = re.compile(r"%\((\w+)\)s")


class DirectStatement:
    """One statement with `%(name)s` parameters; its values and its one row are text or bytes.

    Prepared once a connection. Inside a transaction, which psycopg begins with its own first
    statement, where preparing is switched off or a pooler forbids it, where statements are being
    watched, and where a value is neither text nor bytes, an ordinary cursor does the same. So it
    does for text with a NUL, which it refuses and libpq would cut off there.
    """

    def __init__(self, name: str, sql: str) -> None:
        """`name` is the statement's on the server, unique among these."""
        self._sql = sql
        self._name = name.encode()
        self._order = list(dict.fromkeys(_NAMED.findall(sql)))
        place = {name: f"${number}" for number, name in enumerate(self._order, 1)}
        self._text = _NAMED.sub(lambda match: place[match[1]], sql).encode()

    def fetch_one(self, values: Mapping[str, Any]) -> tuple[str | None, ...] | None:
        """Run it and return its first row, each column as the server writes it; None: no row.

        Raises django.db's errors as a cursor does.
        """
        given = [values[name] for name in self._order]
        wrapper = cast(DatabaseWrapper, connection)
        wrapper.close_if_health_check_failed()
        wrapper.ensure_connection()
        link = wrapper.connection
        if (
            not link.autocommit
            or link.prepare_threshold is None
            or wrapper.execute_wrappers
            or wrapper.queries_logged
            or not all(map(_is_plain, given))
        ):
            return self._by_cursor(values)
        wrapper.validate_no_broken_transaction()
        with wrapper.wrap_database_errors:
            return self._by_libpq(link, given)

    def _by_libpq(self, link: Any, given: list[Value]) -> tuple[str | None, ...] | None:
        values = [value.encode() if isinstance(value, str) else value for value in given]
        formats = [
            pq.Format.BINARY if isinstance(value, bytes) else pq.Format.TEXT for value in given
        ]
        pgconn = link.pgconn
        result = pgconn.exec_prepared(self._name, values, formats)
        if result.error_field(pq.DiagnosticField.SQLSTATE) == _UNKNOWN_STATEMENT:
            # A new connection; or a rollback, after which psycopg has the server drop them all.
            _check(pgconn.prepare(self._name, self._text), link)
            result = pgconn.exec_prepared(self._name, values, formats)
        _check(result, link)
        if not result.ntuples:
            return None
        found = (result.get_value(0, column) for column in range(result.nfields))
        return tuple(None if value is None else value.decode() for value in found)

    def _by_cursor(self, values: Mapping[str, Any]) -> tuple[str | None, ...] | None:
        with connection.cursor() as cursor:
            cursor.execute(self._sql, values)
            row = cursor.fetchone()
        return None if row is None else tuple(_as_text(value) for value in row)


def _is_plain(value: Any) -> bool:
    """Say whether libpq can be given the value as it is."""
    if isinstance(value, str):
        return "\x00" not in value
    return value is None or isinstance(value, bytes)


def _as_text(value: Any) -> str | None:
    """Write a column as the server does."""
    if isinstance(value, bool):
        return "t" if value else "f"
    return None if value is None else str(value)


def _check(result: Any, link: Any) -> None:
    """Raise what psycopg raises for a result that is an error."""
    if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
        if link.pgconn.status == pq.ConnStatus.BAD:
            raise errors.OperationalError(result.get_error_message(link.info.encoding))
        raise errors.error_from_result(result, encoding=link.info.encoding)
