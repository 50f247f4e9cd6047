import time

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
