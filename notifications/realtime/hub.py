"""The sockets of this process by room, fed by one Redis subscription.

When Redis goes away the sockets stay. The subscription comes back by itself, and then every page
is asked to re-read, because what was sent meanwhile is lost.
"""

import asyncio
import logging
import random
from collections import defaultdict
from typing import Any, Protocol

import orjson
import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from notifications.realtime import publisher

logger = logging.getLogger(__name__)
_FIRST_WAIT = 0.1
_LONGEST_WAIT = 5.0
# A Redis that is frozen rather than gone is noticed by a ping without an answer.
_PING_EVERY = 5.0
# A Redis that is away must not keep pages from opening.
_FIRST_SUBSCRIPTION_SECONDS = 2.0
RESYNC = '{"type":"resync"}'


class Member(Protocol):
    """A socket, as the hub sees it."""

    id: str
    user_id: str

    def offer(self, text: str) -> None:
        """Queue a message; never waits."""

    async def recheck(self) -> None:
        """Close the socket, or leave rooms, when its rights are gone."""


class Hub:
    """Rooms of one process and its event loop."""

    def __init__(self) -> None:
        """Start empty; the subscription begins with the first socket."""
        self._rooms: defaultdict[str, set[Member]] = defaultdict(set)
        self._members: set[Member] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._client: redis.asyncio.Redis | None = None
        # Set once the first subscription stands or has failed.
        self._has_tried = asyncio.Event()
        self.is_subscribed = asyncio.Event()

    def add(self, member: Member) -> None:
        """Take a socket in."""
        self._members.add(member)
        if not self._tasks:
            self._client = redis.asyncio.Redis.from_url(
                settings.SOCKETS_REDIS_URL,
                socket_connect_timeout=1,
                retry=Retry(NoBackoff(), 0),
            )
            self._tasks = [
                asyncio.create_task(self._subscribe_for_ever(), name="rooms-subscription"),
                asyncio.create_task(self._watch_for_ever(), name="rooms-watch"),
            ]

    def remove(self, member: Member) -> None:
        """Forget a socket."""
        self._members.discard(member)
        for room in [name for name, members in self._rooms.items() if member in members]:
            self.leave(member, room)

    def join(self, member: Member, room: str) -> None:
        """Let the socket hear the room; the right was checked by the caller."""
        self._rooms[room].add(member)

    async def ready(self) -> None:
        """Wait until the subscription stands or is known not to; only a process's first sockets do.

        A page told that it hears a room misses what is sent before the subscription stands.
        """
        try:
            async with asyncio.timeout(_FIRST_SUBSCRIPTION_SECONDS):
                await self._has_tried.wait()
        except TimeoutError:
            self._has_tried.set()

    def leave(self, member: Member, room: str) -> None:
        """Let the socket hear the room no more."""
        members = self._rooms.get(room)
        if members is not None:
            members.discard(member)
            if not members:
                del self._rooms[room]

    async def publish(self, *, rooms: list[str], message: dict[str, Any], sender: str) -> None:
        """Send to the rooms in every process; a Redis that is away loses it."""
        if self._client is None:
            return
        try:
            async with asyncio.timeout(1):
                await self._client.publish(
                    settings.SOCKETS_REDIS_CHANNEL,
                    publisher.encode(rooms=rooms, message=message, sender=sender),
                )
        except (RedisError, OSError, TimeoutError):
            logger.warning("ephemeral message not published")

    def deliver(self, payload: bytes) -> None:
        """Hand one Redis message to the sockets it is for, each once."""
        data = orjson.loads(payload)
        if user := data.get("recheck"):
            for member in [m for m in self._members if m.user_id == user]:
                self._tasks.append(asyncio.create_task(member.recheck()))
            self._tasks = [task for task in self._tasks if not task.done()]
            return
        members: set[Member] = set()
        for room in data["rooms"]:
            members |= self._rooms.get(room, set())
        text, sender = orjson.dumps(data["message"]).decode(), data.get("sender")
        for member in members:
            if member.id != sender:
                member.offer(text)

    async def _subscribe_for_ever(self) -> None:
        wait = _FIRST_WAIT
        while True:
            try:
                await self._subscribe()
            except (RedisError, OSError, TimeoutError):
                if self.is_subscribed.is_set():
                    wait = _FIRST_WAIT
                    logger.warning("rooms subscription lost")
            except Exception:  # whatever it was, the sockets need a subscription
                logger.exception("rooms subscription failed")
            self.is_subscribed.clear()
            self._has_tried.set()
            await asyncio.sleep(wait * random.uniform(0.5, 1))  # noqa: S311  jitter, not a secret
            wait = min(wait * 2, _LONGEST_WAIT)

    async def _subscribe(self) -> None:
        assert self._client is not None  # made before the task  # noqa: S101
        async with self._client.pubsub() as subscription:
            await subscription.subscribe(settings.SOCKETS_REDIS_CHANNEL)
            has_answered = True
            while True:
                found = await subscription.get_message(timeout=_PING_EVERY)
                if found is None:
                    if not has_answered:
                        raise TimeoutError
                    has_answered = False
                    await asyncio.wait_for(subscription.ping(), 1)
                elif found["type"] == "message":
                    has_answered = True
                    self.deliver(found["data"])
                elif found["type"] == "subscribe":
                    self._subscribed()
                else:
                    has_answered = True

    def _subscribed(self) -> None:
        self.is_subscribed.set()
        if self._has_tried.is_set():
            logger.info("rooms subscription is back")
            for member in list(self._members):
                member.offer(RESYNC)
        self._has_tried.set()

    async def _watch_for_ever(self) -> None:
        """Prove every socket again within the recheck time, evenly spread over it."""
        while True:
            members = list(self._members)
            pause = settings.SOCKET_RECHECK_SECONDS / max(len(members), 1)
            for member in members:
                await asyncio.sleep(pause)
                if member in self._members:
                    await member.recheck()
            if not members:
                await asyncio.sleep(pause)

    async def close(self) -> None:
        """Stop the subscription; the server closes the sockets itself."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()


hub = Hub()
