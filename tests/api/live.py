"""A real web server against the test database: processes and threads as in production."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
from django.conf import settings

from tests.drill.stack import database_url
from tests.ports import free_port


@contextlib.contextmanager
def serving(*, processes: int = 2, threads: int = 8, **environment: str) -> Iterator[str]:
    """Run granian with several processes; yields its address. Callers' addresses are forwarded."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface=wsgi",
        f"--workers={processes}",
        f"--blocking-threads={threads}",
        "--backlog=1024",
        "--no-access-log",
        "--log-level=warning",
        "--host=127.0.0.1",
        f"--port={port}",
        "config.wsgi:application",
    ]
    own = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "PROCESS_TYPE": "web",
        "TRUSTED_PROXIES": "127.0.0.1",
        "LOG_LEVEL": "ERROR",
        **environment,
    }
    # A group of its own: its workers must not outlive the test whatever happens to their parent.
    server = subprocess.Popen(
        command,
        env=own,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(address, server)
        yield address
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=15)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait(address: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if httpx.get(f"{address}/health", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert server.poll() is None, "the server stopped"
        assert time.monotonic() < deadline, "the server did not answer"
        time.sleep(0.1)
