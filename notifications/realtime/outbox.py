"""What waits to be written to one socket."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Outbox:
    """A bounded queue with one writer, so that a slow reader holds up nobody but itself."""

    def __init__(self, send: Send, *, limit: int, on_overflow: Callable[[], None]) -> None:
        """`on_overflow` is called once, when a message finds `limit` others waiting."""
        self._send = send
        self._limit = limit
        self._on_overflow = on_overflow
        self._waiting: deque[str] = deque()
        self._wake = asyncio.Event()
        self._is_over = False

    def offer(self, text: str) -> None:
        """Queue a message; never waits."""
        if self._is_over:
            return
        if len(self._waiting) >= self._limit:
            self._is_over = True
            self._waiting.clear()
            self._on_overflow()
            return
        self._waiting.append(text)
        self._wake.set()

    async def write(self) -> None:
        """Write messages in order until canceled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._send({"type": "websocket.send", "text": self._waiting.popleft()})
