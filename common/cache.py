"""A cache that never breaks the request it serves."""

import logging
import time
from collections.abc import Callable
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
_PAUSE_SECONDS = 1.0


class _OneClient(RedisCacheClient):
    """Keeps the client of its pool: making one takes longer than Redis takes to answer it."""

    _kept: redis.Redis | None = None

    def get_client(self, key: Any = None, *, write: bool = False) -> redis.Redis:
        """Return the client; it may be shared by threads."""
        if self._kept is None:
            self._kept = super().get_client(key, write=write)
        return self._kept


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache that answers "not there" while Redis is gone or frozen.

    After a failure it does not ask again for a second, so a frozen Redis costs one request its
    socket time-out and the others nothing. Nothing kept here may be the only copy.
    """

    _silent_until = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        """Take the location and options of settings.CACHES; there is one server."""
        super().__init__(server, params)
        self._class = _OneClient

    def _try(self, call: Callable[[], Any], *, otherwise: Any) -> Any:
        if time.monotonic() < ForgivingRedisCache._silent_until:
            return otherwise
        try:
            return call()
        except (RedisError, OSError):
            ForgivingRedisCache._silent_until = time.monotonic() + _PAUSE_SECONDS
            logger.warning("cache unavailable")
            return otherwise

    def stored_as(self, key: str, value: Any) -> tuple[str, bytes]:
        """Return the name in Redis and the bytes under which `value` is kept.

        For those who ask Redis themselves and compare without unpacking.
        """
        packed = self._cache._serializer.dumps(value)  # type: ignore[attr-defined]  # as the client does
        name = self.make_and_validate_key(key)
        return name, packed if isinstance(packed, bytes) else str(packed).encode()

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return the value, or the default."""
        return self._try(
            lambda: super(ForgivingRedisCache, self).get(key, default, version),
            otherwise=default,
        )

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        """Return the values that are there."""
        found: dict[Any, Any] = self._try(
            lambda: super(ForgivingRedisCache, self).get_many(keys, version), otherwise={}
        )
        return found

    def set(self, key: str, value: Any, timeout: Any = 300, version: int | None = None) -> None:
        """Keep the value for `timeout` seconds."""
        self._try(
            lambda: super(ForgivingRedisCache, self).set(key, value, timeout, version),
            otherwise=None,
        )

    def set_many(
        self, data: dict[Any, Any], timeout: Any = 300, version: int | None = None
    ) -> list[Any]:
        """Keep all values at once, for `timeout` seconds; returns the keys of those not kept."""
        missed: list[Any] = self._try(
            lambda: super(ForgivingRedisCache, self).set_many(data, timeout, version),
            otherwise=list(data),
        )
        return missed

    def add(self, key: str, value: Any, timeout: Any = 300, version: int | None = None) -> bool:
        """Keep the value unless the key is there; True also when Redis did not answer."""
        return bool(
            self._try(
                lambda: super(ForgivingRedisCache, self).add(key, value, timeout, version),
                otherwise=True,
            )
        )

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget the key."""
        return bool(
            self._try(
                lambda: super(ForgivingRedisCache, self).delete(key, version), otherwise=False
            )
        )

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Raise the number; a missing key raises ValueError, as does a silent Redis."""

        def missing() -> int:
            raise ValueError(f"Key {key!r} not found")

        result = self._try(
            lambda: super(ForgivingRedisCache, self).incr(key, delta, version), otherwise=None
        )
        return missing() if result is None else int(result)
