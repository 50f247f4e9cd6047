"""Who has a page open, kept in Redis with an end, so that a crashed process leaves nobody behind.

One sorted set a person holds their sockets by the time at which each counts as gone; three for all
hold who is online until when, last acted, was last seen. Losing Redis loses only this.
"""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Collection, Mapping
from typing import Any, Final

import redis
import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from accounts.presence import IDLE_AFTER, Presence
from notifications.realtime import publisher

logger = logging.getLogger(__name__)
_SOCKETS: Final = "fd:presence:sockets:"
_ONLINE: Final = "fd:presence:online"
_ACTIVE: Final = "fd:presence:active"
_SEEN: Final = "fd:presence:seen"
_KEEP_SECONDS: Final = 90 * 24 * 3600
_PAUSE_SECONDS: Final = 5.0


def lifetime() -> float:
    """Return the seconds a socket counts without a sign of life: two and a half rechecks."""
    return float(settings.SOCKET_RECHECK_SECONDS) * 2.5


class PresenceWriter:
    """Writes for the sockets of one process; a Redis that is away is left alone for a while."""

    def __init__(self) -> None:
        """Connect with the first socket."""
        self._clients: dict[asyncio.AbstractEventLoop, redis.asyncio.Redis] = {}
        self._silent_until = 0.0

    def _client(self) -> redis.asyncio.Redis:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients = {
                loop: redis.asyncio.Redis.from_url(
                    settings.SOCKETS_REDIS_URL,
                    socket_timeout=1,
                    socket_connect_timeout=1,
                    retry=Retry(NoBackoff(), 0),
                )
            }
        return self._clients[loop]

    async def note(self, *, user: str, socket: str, is_active: bool) -> None:
        """Note that the socket is open, and by `is_active` that its person did something."""
        now = time.time()
        ends_at, key = now + lifetime(), _SOCKETS + user
        async with self._client().pipeline(transaction=False) as pipe:
            pipe.zadd(key, {socket: ends_at})
            pipe.zremrangebyscore(key, 0, now)
            pipe.expire(key, int(lifetime()) + 1)
            pipe.zadd(_ONLINE, {user: ends_at}, gt=True)
            pipe.zremrangebyscore(_ONLINE, 0, now)
            pipe.zadd(_SEEN, {user: now}, gt=True)
            pipe.zremrangebyscore(_SEEN, 0, now - _KEEP_SECONDS)
            if is_active:
                pipe.zadd(_ACTIVE, {user: now}, gt=True)
                pipe.zremrangebyscore(_ACTIVE, 0, now - lifetime() - IDLE_AFTER.total_seconds())
            await self._run(pipe)

    async def leave(self, *, user: str, socket: str) -> None:
        """Note that the socket is closed; the person is gone with their last one."""
        async with self._client().pipeline(transaction=False) as pipe:
            pipe.zrem(_SOCKETS + user, socket)
            pipe.zadd(_SEEN, {user: time.time()}, gt=True)
            await self._run(pipe)

    async def _run(self, pipe: "redis.asyncio.client.Pipeline") -> None:
        if time.monotonic() < self._silent_until:
            return
        try:
            async with asyncio.timeout(1):
                await pipe.execute()
        except (RedisError, OSError, TimeoutError):
            self._silent_until = time.monotonic() + _PAUSE_SECONDS
            logger.warning("presence not noted")


class PresenceReader:
    """Reads what the writers of all processes noted, for any process."""

    def read(self, ids: Collection[str]) -> Mapping[str, Presence]:
        """Return what is known of these accounts; nothing while Redis is away."""
        now, wanted = time.time(), list(ids)
        with publisher.client().pipeline(transaction=False) as pipe:
            for user in wanted:
                pipe.zcount(_SOCKETS + user, now, "+inf")
            pipe.zmscore(_ACTIVE, wanted)
            pipe.zmscore(_SEEN, wanted)
            try:
                *counts, active, seen = pipe.execute()
            except (RedisError, OSError):
                logger.warning("presence not read")
                return {}
        return {
            user: _presence(sockets, acted, last, now)
            for user, sockets, acted, last in zip(wanted, counts, active, seen, strict=True)
        }

    def online(self) -> Collection[str]:
        """Return the accounts with an open page; nobody while Redis is away."""
        try:
            found: Any = publisher.client().zrangebyscore(_ONLINE, time.time(), "+inf")
        except (RedisError, OSError):
            logger.warning("presence not read")
            return []
        users = [name.decode() for name in found]
        return [user for user, here in self.read(users).items() if here.state != "offline"]

    def drop(self, user_id: str) -> None:
        """Let the account's sockets prove themselves again; the next recheck does otherwise."""
        try:
            publisher.close_sockets(user=user_id)
        except (RedisError, OSError):
            logger.warning("sockets were not told")


def _presence(sockets: int, acted: float | None, seen: float | None, now: float) -> Presence:
    last_seen = dt.datetime.fromtimestamp(seen, dt.UTC) if seen else None
    if not sockets:
        return Presence("offline", last_seen)
    is_idle = acted is None or now - acted > IDLE_AFTER.total_seconds()
    return Presence("idle" if is_idle else "online", last_seen)


writer = PresenceWriter()
