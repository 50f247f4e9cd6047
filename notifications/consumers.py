"""The one socket of open pages, at /ws/.

The client says `{"type": "join", "room": …}`, for a guest with the link's `"token"`; it hears
`{"type", "id", "version", "status"}` and re-reads what it shows. Nothing said here changes data.
"""

import asyncio
import logging
import secrets
import time
from typing import Any

import orjson
from channels.consumer import AsyncConsumer, get_handler_name
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import parse_cookie

from accounts.models import User
from accounts.policy import Actor, Guest
from notifications.realtime import identity, rooms
from notifications.realtime.hub import hub
from notifications.realtime.identity import Credential
from notifications.realtime.origin import allowed_origins, header, parse_origin
from notifications.realtime.outbox import Outbox
from notifications.realtime.presence import writer as presence

logger = logging.getLogger(__name__)
NOT_SIGNED_IN, FORBIDDEN, TOO_SLOW, TOO_BUSY, TOO_BIG, UNREADABLE = (
    4401,
    4403,
    4408,
    4429,
    1009,
    1007,
)
MAX_MESSAGE = 4096
MAX_ROOMS = 20
MAX_WAITING = 200
# Messages a socket may send at once, and how many a second it gets back.
_BURST, _PER_SECOND = 30, 5
_TYPING_EVERY = 1.0
_STRANGER_SECONDS = 30.0


class SocketConsumer(AsyncConsumer):  # type: ignore[misc]  # channels ships no types
    """One socket: who it is, which rooms it hears, what waits to be written to it."""

    # No layer of this name exists: broadcasts come by the hub, and a layer's own connection
    # would end every socket when Redis restarts.
    channel_layer_alias = "unused"

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve the socket until the client, the server or an overflow ends it."""
        self.id, self.user_id, self.present_as = secrets.token_hex(8), "", ""
        self.credential = Credential()
        self.user: User | AnonymousUser = AnonymousUser()
        self.joined: dict[str, Actor] = {}
        self.tokens, self.filled_at, self.typed_at = float(_BURST), time.monotonic(), 0.0
        self.stopped = asyncio.Event()
        self.outbox = Outbox(send, limit=MAX_WAITING, on_overflow=self.overflow)
        self.tasks = {
            asyncio.create_task(super().__call__(scope, receive, send)),
            asyncio.create_task(self.stopped.wait()),
            asyncio.create_task(self.outbox.write()),
        }
        try:
            done, _ = await asyncio.wait(self.tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            hub.remove(self)
            await self.note_gone()
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Call the handler; database connections are the threads' own affair."""
        await getattr(self, get_handler_name(message))(message)

    async def websocket_connect(self, _message: dict[str, Any]) -> None:
        """Refuse foreign pages; read who is there; strangers may stay to join by a link's token."""
        headers = self.scope["headers"]
        origin = header(headers, b"origin")
        if origin and parse_origin(origin) not in allowed_origins():
            await self.send({"type": "websocket.close"})
            raise StopConsumer
        bearer = header(headers, b"authorization").removeprefix("Bearer ").strip()
        if bearer:
            self.credential = Credential(token=bearer)
        elif origin:
            cookies = parse_cookie(header(headers, b"cookie"))
            self.credential = Credential(session_key=cookies.get(settings.SESSION_COOKIE_NAME, ""))
        if self.credential != Credential():
            await self.identify()
        await self.send({"type": "websocket.accept"})
        hub.add(self)
        self.tasks.add(asyncio.create_task(self.note_presence(is_active=True)))
        if not isinstance(self.user, User):
            self.tasks.add(asyncio.create_task(self.close_idle_stranger()))

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        """Read one message of the client: authenticate, join, leave, typing or ping."""
        text = message.get("text")
        if text is None or len(text) > MAX_MESSAGE:
            return await self.close(TOO_BIG if text else UNREADABLE)
        if not self.may_speak():
            return await self.close(TOO_BUSY)
        try:
            said = orjson.loads(text)
        except orjson.JSONDecodeError:
            return await self.close(UNREADABLE)
        if not isinstance(said, dict):
            return await self.close(UNREADABLE)
        kind, room = said.get("type"), said.get("room")
        if kind == "ping":
            self.tell({"type": "pong"})
            if said.get("active") is True:
                await self.note_presence(is_active=True)
        elif kind == "authenticate" and isinstance(said.get("token"), str):
            await self.authenticate(said["token"])
        elif kind == "join" and isinstance(room, str):
            await self.join(room, said.get("token"))
        elif kind == "leave" and isinstance(room, str):
            self.leave(rooms.full_name(room, self.user))
        elif kind == "typing" and isinstance(room, str):
            await self.typing(room)
        else:
            self.tell({"type": "refused", "code": "UNKNOWN_MESSAGE"})
        return None

    async def websocket_disconnect(self, _message: dict[str, Any]) -> None:
        """End with the connection."""
        raise StopConsumer

    async def authenticate(self, token: str) -> None:
        """Take a token instead of a session; a worthless one ends the socket."""
        self.credential = Credential(token=token)
        await self.identify()
        if not isinstance(self.user, User):
            return await self.close(NOT_SIGNED_IN)
        self.tell({"type": "authenticated", "id": self.user_id})
        await self.note_presence(is_active=True)
        return None

    async def join(self, name: str, token: object) -> None:
        """Let the client hear a room it has a right to; otherwise say why not."""
        room = rooms.full_name(name, self.user)
        if len(self.joined) >= MAX_ROOMS and room not in self.joined:
            return self.refuse(name, "TOO_MANY_ROOMS")
        actor: Actor = self.user
        if isinstance(token, str) and token and not await _may_join(actor, room):
            actor = rooms.guest_of(room, token)
        if not await _may_join(actor, room):
            is_known = isinstance(actor, User | Guest)
            return self.refuse(name, "FORBIDDEN" if is_known else "NOT_SIGNED_IN")
        self.joined[room] = actor
        hub.join(self, room)
        await hub.ready()
        self.tell({"type": "joined", "room": name})
        return None

    def leave(self, room: str) -> None:
        """Hear a room no more."""
        self.joined.pop(room, None)
        hub.leave(self, room)

    async def typing(self, name: str) -> None:
        """Tell the others in a room that somebody writes; at most once a second."""
        room, now = rooms.full_name(name, self.user), time.monotonic()
        if room not in self.joined:
            return self.refuse(name, "FORBIDDEN")
        if now - self.typed_at >= _TYPING_EVERY:
            self.typed_at = now
            message = {
                "type": "typing",
                "id": room.partition(":")[2],
                "who": self.user_id or "guest",
            }
            await hub.publish(rooms=[room], message=message, sender=self.id)
        return None

    async def identify(self) -> None:
        """Read whom the credential proves now."""
        self.user = await database_sync_to_async(identity.user_of, thread_sensitive=False)(
            self.credential
        )
        self.user_id = self.user.public_id if isinstance(self.user, User) else ""

    async def recheck(self) -> None:
        """Prove the credential and every room again; close when the credential is worth nothing."""
        before = self.user_id
        try:
            if before:
                await self.identify()
            if before and self.user_id != before:
                return await self.close(NOT_SIGNED_IN)
            for room, actor in list(self.joined.items()):
                current = self.user if isinstance(actor, User) else actor
                if not await _may_join(current, room):
                    self.leave(room)
                    self.refuse(room, "FORBIDDEN")
            await self.note_presence(is_active=False)
        except Exception:  # a database that is away must neither end sockets nor the watch
            logger.warning("socket not rechecked", exc_info=True)
        return None

    async def note_presence(self, *, is_active: bool) -> None:
        """Note that a person is here; by `is_active`, that they did something."""
        if self.present_as and self.present_as != self.user_id:
            await self.note_gone()
        if self.user_id:
            self.present_as = self.user_id
            await presence.note(user=self.user_id, socket=self.id, is_active=is_active)

    async def note_gone(self) -> None:
        """Note that this page is closed; a process that dies says nothing, its sockets expire."""
        if self.present_as:
            gone, self.present_as = self.present_as, ""
            await presence.leave(user=gone, socket=self.id)

    async def close_idle_stranger(self) -> None:
        """Close a socket nobody has a use for; ends only then, so that it ends no other socket."""
        await asyncio.sleep(_STRANGER_SECONDS)
        if not self.joined and not self.user_id:
            await self.close(NOT_SIGNED_IN)

    def may_speak(self) -> bool:
        """Count a message of the client against its allowance."""
        now = time.monotonic()
        self.tokens = min(_BURST, self.tokens + (now - self.filled_at) * _PER_SECOND)
        self.filled_at = now
        self.tokens -= 1
        return self.tokens >= 0

    def offer(self, text: str) -> None:
        """Queue a message of the hub."""
        self.outbox.offer(text)

    def tell(self, message: dict[str, Any]) -> None:
        """Queue an answer."""
        self.outbox.offer(orjson.dumps(message).decode())

    def refuse(self, room: str, code: str) -> None:
        """Queue a refusal."""
        self.tell({"type": "refused", "room": room, "code": code})

    def overflow(self) -> None:
        """Close a socket whose reader doesn't keep up; the page re-reads after reconnecting."""
        logger.info("slow socket closed", extra={"user": self.user_id})
        hub.remove(self)
        self.tasks.add(asyncio.create_task(self.close(TOO_SLOW)))

    async def close(self, code: int) -> None:
        """Say goodbye if the client reads, and end."""
        try:
            async with asyncio.timeout(1):
                await self.send({"type": "websocket.close", "code": code})
        except Exception:  # noqa: BLE001  whatever the server says, this socket is over
            logger.debug("socket could not be told that it is closed")
        self.stopped.set()


async def _may_join(actor: Actor, room: str) -> bool:
    return bool(await database_sync_to_async(rooms.may_join, thread_sensitive=False)(actor, room))
