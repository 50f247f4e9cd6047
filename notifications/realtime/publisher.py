"""Sending to rooms from any process: one Redis message, whatever the number of sockets.

Channels of Redis know no database numbers, so the setting's channel name holds it.
"""

import os
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

_clients: dict[int, redis.Redis] = {}


def encode(*, rooms: Iterable[str], message: Mapping[str, Any], sender: str = "") -> bytes:
    """Return the Redis message; `sender` is the socket that need not hear itself."""
    return orjson.dumps({"rooms": list(rooms), "message": dict(message), "sender": sender})


def client() -> redis.Redis:
    """Return the process's connection to the sockets' Redis."""
    pid = os.getpid()  # a forked child must not share its parent's connection
    if pid not in _clients:
        _clients.clear()
        _clients[pid] = redis.Redis.from_url(
            settings.SOCKETS_REDIS_URL,
            socket_timeout=1,
            socket_connect_timeout=1,
            retry=Retry(NoBackoff(), 1),
        )
    return _clients[pid]


def publish(*, rooms: Iterable[str], message: Mapping[str, Any]) -> None:
    """Send a message to everybody in the rooms, once each. Raises redis.RedisError within 2 s.

    It is a hint to re-read: who is not connected misses it, and repeating it harms nobody.
    """
    client().publish(settings.SOCKETS_REDIS_CHANNEL, encode(rooms=rooms, message=message))


def close_sockets(*, user: str) -> None:
    """Let a user's sockets (public id) prove themselves again at once: after signing out."""
    client().publish(settings.SOCKETS_REDIS_CHANNEL, orjson.dumps({"recheck": user}))
