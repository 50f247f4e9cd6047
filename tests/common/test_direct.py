"""A statement without a cursor gives what one with a cursor gives."""

import psycopg
import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from common.postgres.direct import DirectStatement

ECHO = DirectStatement(
    "tests_echo",
    "SELECT %(text)s::text, %(bytes)s::bytea = '\\x00ff', %(none)s::text, %(text)s || '!'",
)
VALUES = {"text": "Nguyễn 'x' %s", "bytes": b"\x00\xff", "none": None}
ROW = ("Nguyễn 'x' %s", "t", None, "Nguyễn 'x' %s!")


@pytest.mark.django_db(transaction=True)
class TestDirectStatement:
    def test_sends_text_bytes_and_null_by_libpq(self, monkeypatch):
        monkeypatch.setattr(connection, "cursor", lambda: pytest.fail("a cursor was made"))

        assert [ECHO.fetch_one(VALUES) for _ in range(3)] == [ROW] * 3

    def test_is_prepared_again_after_a_rollback(self):
        ECHO.fetch_one(VALUES)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            transaction.set_rollback(True)

        assert ECHO.fetch_one(VALUES) == ROW

    def test_is_prepared_once_on_each_connection(self):
        ECHO.fetch_one(VALUES)
        connection.close()
        for _ in range(2):
            ECHO.fetch_one(VALUES)

        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name = 'tests_echo'")
            assert cursor.fetchone() == (1,)

    @pytest.mark.parametrize("why", ["watched", "not prepared", "number", "transaction"])
    def test_goes_by_a_cursor_where_it_must(self, why, monkeypatch):
        connection.ensure_connection()
        monkeypatch.setattr(ECHO, "_by_libpq", lambda *_: pytest.fail("went by libpq"))
        values = {**VALUES, "none": 1 if why == "number" else None}
        if why == "not prepared":
            monkeypatch.setattr(connection.connection, "prepare_threshold", None)
        watch = connection.execute_wrapper(lambda execute, *arguments: execute(*arguments))
        if why == "watched":
            with watch:
                assert ECHO.fetch_one(values) == ROW
        elif why == "transaction":
            with transaction.atomic():
                assert ECHO.fetch_one(values) == ROW
        else:
            wanted = (*ROW[:2], "1" if why == "number" else None, ROW[3])
            assert ECHO.fetch_one(values) == wanted

    def test_refuses_text_that_libpq_would_cut_off(self):
        with pytest.raises(DataError):
            ECHO.fetch_one({**VALUES, "text": "a\x00b"})

    def test_returns_none_without_a_row(self):
        assert (
            DirectStatement("tests_none", "SELECT 1 WHERE %(no)s <> ''").fetch_one({"no": ""})
            is None
        )

    def test_raises_what_a_cursor_raises(self):
        failing = DirectStatement(
            "tests_unique",
            "INSERT INTO common_idempotencyrecord"
            " (principal, key, fingerprint, holder, lease_until)"
            " VALUES ('tests', %(key)s, '', '', now()) RETURNING id",
        )
        failing.fetch_one({"key": "once"})

        with pytest.raises(IntegrityError) as caught:
            failing.fetch_one({"key": "once"})

        assert isinstance(caught.value.__cause__, psycopg.errors.UniqueViolation)
        assert ECHO.fetch_one(VALUES) == ROW

    def test_notices_a_connection_the_server_ended(self):
        ECHO.fetch_one(VALUES)
        pid = connection.connection.info.backend_pid
        with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

        with pytest.raises(OperationalError):
            ECHO.fetch_one(VALUES)

        assert connection.errors_occurred
        connection.close_if_unusable_or_obsolete()
        assert ECHO.fetch_one(VALUES) == ROW
