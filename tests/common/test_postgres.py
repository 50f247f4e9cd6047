import time
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from common.postgres.base import DatabaseWrapper


@pytest.fixture
def kept():
    """A connection as a web thread keeps it, at the start of its next request."""
    wrapper = connection.copy()
    assert isinstance(wrapper, DatabaseWrapper)
    wrapper.settings_dict = {**wrapper.settings_dict, "CONN_HEALTH_CHECKS": True}
    wrapper.ensure_connection()
    wrapper.health_check_enabled = True
    wrapper.health_check_done = False
    yield wrapper
    wrapper.close()


@pytest.fixture
def pooled():
    """A connection from a pool of one, as the process of sockets takes it."""
    wrapper: Any = connection.copy("pooled")
    options = {**wrapper.settings_dict["OPTIONS"], "pool": {"min_size": 1, "max_size": 1}}
    wrapper.settings_dict = {**wrapper.settings_dict, "CONN_MAX_AGE": 0, "OPTIONS": options}
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def backend(wrapper) -> int:
    pid: int = wrapper.connection.info.backend_pid
    return pid


@pytest.mark.django_db(transaction=True)
class TestKeptConnection:
    def test_is_used_again_without_a_question(self, kept, monkeypatch) -> None:
        monkeypatch.setattr(kept, "is_usable", lambda: pytest.fail("the server was asked"))
        pid = backend(kept)

        with kept.cursor() as cursor:
            cursor.execute("SELECT 1")

        assert backend(kept) == pid
        assert kept.health_check_done is True

    def test_is_replaced_when_the_server_ended_it(self, kept) -> None:
        pid = backend(kept)
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        ends_at = time.monotonic() + 60
        while not kept._has_word():
            assert time.monotonic() < ends_at
            time.sleep(0.01)

        with kept.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)

        assert backend(kept) != pid


def prepared(wrapper) -> list[tuple[str, list[str]]]:
    with wrapper.cursor() as cursor:
        cursor.execute(
            "SELECT statement, parameter_types::text[] FROM pg_prepared_statements"
            " WHERE statement LIKE 'SELECT %% + 1'"
        )
        return list(cursor.fetchall())


def add_one(wrapper, number: int) -> int:
    with wrapper.prepared_cursor() as cursor:
        cursor.execute("SELECT %s + 1", [number])
        (result,) = cursor.fetchone()
    return int(result)


@pytest.mark.django_db(transaction=True)
class TestPreparedStatements:
    def test_one_serves_numbers_of_any_size(self, kept) -> None:
        assert [add_one(kept, number) for number in (1, 40_000, 5_000_000_000)] == [
            2,
            40_001,
            5_000_000_001,
        ]

        assert prepared(kept) == [("SELECT $1 + 1", ["bigint"])]

    def test_none_is_made_behind_a_pooler(self, monkeypatch) -> None:
        # A pooler makes up the process id that it tells its client.
        monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", 1)
        wrapper = connection.copy()
        try:
            assert [add_one(wrapper, 1), add_one(wrapper, 1)] == [2, 2]
            assert prepared(wrapper) == []
        finally:
            wrapper.close()

    def test_none_is_made_behind_a_pooler_on_a_pools_connection(self, monkeypatch, pooled) -> None:
        monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", 1)

        assert [add_one(pooled, 1), add_one(pooled, 1)] == [2, 2]
        assert prepared(pooled) == []

    def test_a_pools_connection_keeps_them_for_whoever_takes_it_next(self, pooled) -> None:
        assert add_one(pooled, 1) == 2
        link = pooled.connection

        pooled.close()
        pooled.ensure_connection()

        assert pooled.connection is link
        assert len(prepared(pooled)) == 1

    def test_none_is_made_where_the_settings_forbid_it(self) -> None:
        wrapper = connection.copy()
        options = {**wrapper.settings_dict["OPTIONS"], "prepare_threshold": None}
        wrapper.settings_dict = {**wrapper.settings_dict, "OPTIONS": options}
        try:
            assert [add_one(wrapper, 1), add_one(wrapper, 1)] == [2, 2]
            assert prepared(wrapper) == []
        finally:
            wrapper.close()

    def test_logs_of_queries_show_the_values(self, kept) -> None:
        kept.force_debug_cursor = True

        add_one(kept, 41)

        assert kept.queries[-1]["sql"] == "SELECT 41 + 1"
