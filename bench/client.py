"""The load client, a process of its own: keep-alive sockets, ready-made requests, own clock.

Reads a job as JSON on standard input, writes what it measured as JSON on standard output.
Closed loop: each connection sends its next request when the last was answered. Open loop (`rate`
a second): requests fall due by the clock, and a time counts from when the request was due.
"""

import asyncio
import gc
import sys
import time
from collections import Counter, deque
from typing import Any

import orjson

_END_OF_HEAD = b"\r\n\r\n"


class _Connection(asyncio.Protocol):
    """One socket; hands each whole answer's status to the run."""

    def __init__(self, run: "_Run") -> None:
        self._run = run
        self._data = b""
        self._transport: asyncio.WriteTransport | None = None
        self.due_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def send(self, request: bytes, due_at: float) -> None:
        """Write one request."""
        assert self._transport is not None
        self.due_at = due_at
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Collect; one answer at a time is under way."""
        self._data = self._data + data if self._data else data
        head_end = self._data.find(_END_OF_HEAD)
        if head_end < 0:
            return
        status = int(self._data[9:12])
        head = self._data[:head_end].lower()
        at = head.find(b"content-length:")
        if at >= 0:
            line = head[at + 15 :].split(b"\r\n", 1)[0]
            if len(self._data) < head_end + 4 + int(line):
                return
        elif b"transfer-encoding: chunked" in head and not self._data.endswith(b"0\r\n\r\n"):
            return
        self._data = b""
        self._run.answered(self, status)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count an answer that never came."""
        self._run.lost(self)


class _Run:
    """Sends a list of requests over some connections and keeps the times."""

    def __init__(self, requests: list[bytes], rate: float | None) -> None:
        self.requests = deque(requests)
        self.total = len(requests)
        self.rate = rate
        self.times: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.idle: deque[_Connection] = deque()
        self.late: deque[tuple[bytes, float]] = deque()
        self.finished = asyncio.Event()
        self.ended_at = 0.0

    def start(self, connections: list[_Connection]) -> None:
        """Send the first requests."""
        self.started_at = time.perf_counter()
        if self.rate is None:
            for connection in connections:
                self._next(connection)
            return
        self.idle.extend(connections)
        loop, begin = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        for n, request in enumerate(self.requests):
            loop.call_at(begin + n / self.rate, self._due, request, self.started_at + n / self.rate)

    def _due(self, request: bytes, due_at: float) -> None:
        if self.idle:
            self.idle.popleft().send(request, due_at)
        else:
            self.late.append((request, due_at))

    def _next(self, connection: _Connection) -> None:
        if self.rate is None and self.requests:
            connection.send(self.requests.popleft(), time.perf_counter())
        elif self.late:
            connection.send(*self.late.popleft())
        elif self.rate is not None:
            self.idle.append(connection)

    def answered(self, connection: _Connection, status: int) -> None:
        """Keep the time and send the next."""
        self.times.append(time.perf_counter() - connection.due_at)
        self.statuses[status] += 1
        if len(self.times) >= self.total:
            self.ended_at = time.perf_counter()
            self.finished.set()
        else:
            self._next(connection)

    def lost(self, _connection: _Connection) -> None:
        """Count an answer that will not come."""
        if not self.finished.is_set():
            self.statuses[0] += 1
            self.total -= 1
            if len(self.times) >= self.total:
                self.ended_at = time.perf_counter()
                self.finished.set()


class _Switch:
    """Routes answers to the run that is under way."""

    def __init__(self) -> None:
        self.run: _Run | None = None

    def answered(self, connection: _Connection, status: int) -> None:
        if self.run is not None:
            self.run.answered(connection, status)

    def lost(self, connection: _Connection) -> None:
        if self.run is not None:
            self.run.lost(connection)


async def _carry_out(job: dict[str, Any]) -> dict[str, Any]:
    loop, switch = asyncio.get_running_loop(), _Switch()
    connections = []
    for _ in range(job["connections"]):
        _, protocol = await loop.create_connection(
            lambda: _Connection(switch),  # type: ignore[arg-type]  # stands for the current run
            job["host"],
            job["port"],
        )
        connections.append(protocol)
    result = None
    for requests, rate in ((job["warm_up"], None), (job["requests"], job["rate"])):
        if not requests:
            continue
        run = switch.run = _Run([item.encode("latin-1") for item in requests], rate)
        run.start(connections)
        async with asyncio.timeout(job["timeout"]):
            await run.finished.wait()
        result = run
    assert result is not None
    times = sorted(result.times)
    return {
        "seconds": result.ended_at - result.started_at,
        "times": times,
        "statuses": {str(key): count for key, count in result.statuses.items()},
    }


def main() -> None:
    """Run one job."""
    job = orjson.loads(sys.stdin.buffer.read())
    gc.disable()
    sys.stdout.buffer.write(orjson.dumps(asyncio.run(_carry_out(job))))


if __name__ == "__main__":
    main()
