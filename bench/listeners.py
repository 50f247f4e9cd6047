"""`python -m bench.listeners`: many sockets in one room, and when each heard what.

A job comes as JSON on standard input; "ready" is printed once every socket has joined. The answer
has, for each message's version, the sorted times of the system's monotonic clock at which the
sockets heard it. Reads frames by itself: a client library for each socket would measure itself.
"""

import asyncio
import base64
import os
import re
import sys
import time
from collections import defaultdict

import orjson

_VERSION = re.compile(rb'"version":(\d+)')
_SECONDS = 60
_AT_ONCE = 20


def _masked(text: bytes) -> bytes:
    """Return a client's text frame with the mask zero, which changes no byte. RFC 6455, 5.3."""
    assert len(text) < 126
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text


class _Socket(asyncio.Protocol):
    def __init__(self, job: dict[str, str], heard: defaultdict[int, list[float]]) -> None:
        self._job, self._heard = job, heard
        self._waiting = b""
        self._is_open = False
        self.joined = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /ws/ HTTP/1.1",
            f"Host: {self._job['host']}",
            f"Origin: {self._job['origin']}",
            f"Cookie: {self._job['cookie']}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        """Take whole frames; all of the server's are short, whole texts."""
        now = time.monotonic()
        self._waiting += data
        if not self._is_open:
            head, found, rest = self._waiting.partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head.split(b"\r\n", 1)[0], head
            self._is_open, self._waiting = True, rest
            join = orjson.dumps({"type": "join", "room": self._job["room"]})
            self._transport.write(_masked(join))
        while len(self._waiting) >= 2 and len(self._waiting) >= 2 + self._waiting[1]:
            end = 2 + self._waiting[1]
            frame, self._waiting = self._waiting[2:end], self._waiting[end:]
            if found_version := _VERSION.search(frame):
                self._heard[int(found_version[1])].append(now)
            elif b'"joined"' in frame:
                self.joined.set_result(None)


async def _listen(job: dict[str, str], count: int, messages: int) -> dict[int, list[float]]:
    heard: defaultdict[int, list[float]] = defaultdict(list)
    loop, gate = asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE)

    async def open_one() -> None:
        async with gate, asyncio.timeout(_SECONDS):
            _, socket = await loop.create_connection(
                lambda: _Socket(job, heard), "127.0.0.1", int(job["port"])
            )
            await socket.joined

    await asyncio.gather(*(open_one() for _ in range(count)))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    ends_at = time.monotonic() + _SECONDS + messages / 10
    while time.monotonic() < ends_at and sum(map(len, heard.values())) < count * messages:
        await asyncio.sleep(0.2)
    return heard


def main() -> None:
    """Read the job, listen, print the answer."""
    job = orjson.loads(sys.stdin.readline())
    heard = asyncio.run(_listen(job["socket"], job["count"], job["messages"]))
    sys.stdout.buffer.write(orjson.dumps({str(key): value for key, value in heard.items()}))


if __name__ == "__main__":
    main()
