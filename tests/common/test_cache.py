"""The cache: a missing Redis is a miss, never an error, and is asked again a second later."""

import time

import pytest

from common.cache import ForgivingRedisCache


@pytest.fixture
def dead_cache():
    ForgivingRedisCache._silent_until = 0.0
    yield ForgivingRedisCache("redis://127.0.0.1:1/0", {"OPTIONS": {"socket_connect_timeout": 0.2}})
    ForgivingRedisCache._silent_until = 0.0


class TestForgivingRedisCache:
    def test_answers_as_if_empty_while_redis_is_gone(self, dead_cache) -> None:
        dead_cache.set("key", 1)

        assert dead_cache.get("key", "nothing") == "nothing"
        assert dead_cache.get_many(["key"]) == {}
        assert dead_cache.add("key", 1) is True

    def test_does_not_ask_again_within_a_second(self, dead_cache, caplog) -> None:
        started = time.monotonic()

        for _ in range(1000):
            dead_cache.get("key")

        tries = [record for record in caplog.records if record.message == "cache unavailable"]
        assert 1 <= len(tries) <= 1 + (time.monotonic() - started)
