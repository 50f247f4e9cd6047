"""From a recorded event to the message on an open page, through a real worker."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import orjson
from django.conf import settings
from django.db import connection, transaction
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from bench.data import book, create_shop, starts
from bench.load import ROOT, Reading
from bench.rows.lists import sign_in
from bench.run import Run
from bench.servers import free_port
from bench.table import Row, limit_row
from bookings import events as booking_events
from bookings.models import Booking
from events import actions as events
from events.types import NewEvent
from notifications.realtime import publisher

_RATE = 50
_WARM_UP = 25
_SOCKETS, _BROADCASTS = 500, 10


class _Listener(threading.Thread):
    """Reads a socket and keeps when each version was told."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__(daemon=True)
        self._socket = socket
        self.heard_at: dict[int, float] = {}

    def run(self) -> None:
        """Read until the socket ends."""
        with suppress(ConnectionClosed):
            for text in self._socket:
                message = orjson.loads(text)
                if message["type"] == "booking:statusUpdate":
                    self.heard_at[message["version"]] = time.perf_counter()


def _record(booking: Booking, version: int) -> float:
    """Record a change of the booking as an action does; returns when it began."""
    began = time.perf_counter()
    with transaction.atomic():
        Booking.objects.select_for_update().only("pk").get(pk=booking.pk)
        data = {**booking_events.booking_payload(booking), "version": version}
        events.record(
            NewEvent(
                booking_events.BOOKING_COMPLETED,
                booking.business.public_id,
                booking.public_id,
                data,
            )
        )
    return began


def measure(run: Run) -> Iterator[Row]:
    """Record events at a steady rate and time their messages."""
    shop = create_shop("sockets", people=1)
    booking = book(shop, at=starts(1)[0])
    with connection.cursor() as cursor:  # what earlier groups left would keep the worker busy
        cursor.execute("TRUNCATE events_reaction, webhooks_inboundevent")
    port = free_port()
    run.processes.start(
        "realtime", "uvicorn", "config.asgi:application", "--log-level", "warning",
        "--host", "127.0.0.1", "--port", str(port),
        "--ws-max-size", "16384", "--ws-per-message-deflate", "false",
        PROCESS_TYPE="realtime",
    )  # fmt: skip
    run.processes.wait_for(port, "realtime")
    run.processes.start(
        "worker", "celery", "-q", "-A", "config", "worker", "-Q", "critical,default", "-c", "2",
        "--without-gossip", "--without-mingle", "-n", "bench@%h",
        PROCESS_TYPE="worker",
    )  # fmt: skip
    headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={sign_in(shop.owner)}"}
    with connect(
        f"ws://127.0.0.1:{port}/ws/", origin=Origin(settings.SITE_URL), additional_headers=headers
    ) as socket:
        socket.send(
            orjson.dumps({"type": "join", "room": f"staff:{shop.business.public_id}"}).decode()
        )
        listener = _Listener(socket)
        listener.start()
        _wait_for_worker(booking, listener)
        reading = _steady(booking, listener, run.scaled(1000, least=100))
    lost = reading.statuses[0]
    yield limit_row(
        f"event to socket message p95, {_RATE} events/s",
        reading.percentile(95) if not lost else float("inf"),
        most=100,
        unit="ms",
        note=f"p50 {reading.percentile(50):.0f}, p99 {reading.percentile(99):.0f} ms, {lost} lost",
    )
    yield _fan_out(run, port, headers["Cookie"], f"staff:{shop.business.public_id}")


def _fan_out(run: Run, port: int, cookie: str, room: str) -> Row:
    """Publish to one room of many sockets at a steady rate and time every delivery."""
    messages = run.scaled(300, least=50)
    socket = {
        "host": f"127.0.0.1:{port}",
        "port": str(port),
        "origin": settings.SITE_URL,
        "cookie": cookie,
        "room": room,
    }
    job = {"socket": socket, "count": _SOCKETS, "messages": messages + _BROADCASTS}
    with subprocess.Popen(
        [sys.executable, "-m", "bench.listeners"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as listeners:
        assert listeners.stdin is not None
        assert listeners.stdout is not None
        listeners.stdin.write(orjson.dumps(job) + b"\n")
        listeners.stdin.flush()
        if listeners.stdout.readline() != b"ready\n":
            raise RuntimeError("the listeners did not start")
        begin, sent_at = time.monotonic(), []
        for n in range(messages + _BROADCASTS):
            time.sleep(max(0.0, begin + n / _BROADCASTS - time.monotonic()))
            sent_at.append(time.monotonic())
            publisher.publish(rooms=[room], message={"type": "bench", "id": "x", "version": n})
        heard = {int(n): times for n, times in orjson.loads(listeners.stdout.read()).items()}
    counted = {n: heard.get(n, []) for n in range(_BROADCASTS, len(sent_at))}  # a second to warm up
    times = sorted((at - sent_at[n]) * 1000 for n, found in counted.items() for at in found)
    lost = _SOCKETS * len(counted) - len(times)
    reading = Reading(_BROADCASTS, times, {0: lost})
    last = sorted((max(found) - sent_at[n]) * 1000 for n, found in counted.items() if found)
    return limit_row(
        f"broadcast to {_SOCKETS} sockets p99, {_BROADCASTS} a second, one process",
        reading.percentile(99) if not lost else float("inf"),
        most=60,
        unit="ms",
        note=f"p50 {reading.percentile(50):.0f} ms; last socket p50 {last[len(last) // 2]:.0f}, "
        f"most {last[-1]:.0f} ms; {lost} lost",
    )


def _wait_for_worker(booking: Booking, listener: _Listener) -> None:
    for version in range(-60, 0):
        _record(booking, version)
        ends_at = time.monotonic() + 1
        while time.monotonic() < ends_at and version not in listener.heard_at:
            time.sleep(0.01)
        if version in listener.heard_at:
            return
    raise RuntimeError("no message came within a minute")


def _steady(booking: Booking, listener: _Listener, count: int) -> Reading:
    begin, began_at = time.perf_counter(), {}
    for n in range(count + _WARM_UP):
        time.sleep(max(0.0, begin + n / _RATE - time.perf_counter()))
        began_at[n] = _record(booking, n)
    ends_at = time.monotonic() + 10
    while time.monotonic() < ends_at and len(began_at.keys() - listener.heard_at.keys()):
        time.sleep(0.05)
    times = sorted(
        (listener.heard_at[n] - at) * 1000
        for n, at in began_at.items()
        if n >= _WARM_UP and n in listener.heard_at
    )
    return Reading(_RATE, times, {0: count - len(times)})
