"""A realtime process and its clients, over real sockets."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from accounts.models import User
from tests.drill.stack import database_url
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = settings.SITE_URL


def until(condition: Callable[[], bool], *, seconds: float = 60.0) -> None:
    """Poll the condition; fails by name when the time is over."""
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, f"not true within {seconds} s"
        time.sleep(0.02)


class Realtime:
    """uvicorn as production runs it, on a free port."""

    def __init__(self, folder: Path, *, redis_url: str, **environment: str) -> None:
        self.port = free_port()
        self.log = folder / "realtime.log"
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "REDIS_URL": redis_url,
            "PROCESS_TYPE": "realtime",
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            **environment,
        }

    def __enter__(self) -> "Realtime":
        command = ["-m", "uvicorn", "config.asgi:application", "--port", str(self.port)]
        options = ["--ws-max-size", "16384", "--ws-per-message-deflate", "false"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command, *options],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until(self._listens)
        return self

    def _listens(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def open(
        self,
        user: User | None = None,
        *,
        origin: str | None = ORIGIN,
        path: str = "/ws/",
        headers: Any = None,
        **more: Any,
    ) -> ClientConnection:
        """Open a socket as the user's browser does."""
        found = dict(headers or {})
        if user is not None:
            found["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={session_of(user)}"
        return connect(
            f"ws://127.0.0.1:{self.port}{path}",
            origin=origin,  # type: ignore[arg-type]  # a plain str is what the header holds
            additional_headers=found,
            compression=None,
            **more,
        )


def session_of(user: User) -> str:
    """Sign the user in and return the session's key."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def say(client: ClientConnection, **message: object) -> dict[str, Any]:
    """Send a message and return the next answer."""
    client.send(json.dumps(message))
    return hear(client)


def hear(client: ClientConnection, *, seconds: float = 60.0) -> dict[str, Any]:
    """Return the next message; raises TimeoutError."""
    found: dict[str, Any] = json.loads(client.recv(timeout=seconds))
    return found


def close_code(client: ClientConnection, *, seconds: float = 60.0) -> int | None:
    """Read until the server closes and return its code."""
    ends_at = time.monotonic() + seconds
    while True:
        try:
            client.recv(timeout=max(ends_at - time.monotonic(), 0.01))
        except ConnectionClosed as error:
            return error.rcvd.code if error.rcvd else None
