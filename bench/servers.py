"""The measured processes: the same server with the same flags for ours and for the floors."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.load import ROOT

_START_SECONDS = 40
THREADS = 8


def free_port() -> int:
    """Return a local port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Processes:
    """What was started, with its output in files of the run's folder."""

    def __init__(self, folder: Path) -> None:
        """`folder` takes the logs."""
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, *command: str, **env: str) -> None:
        """Start a Python module in a process group of its own."""
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running.append(
                subprocess.Popen(
                    [sys.executable, "-m", *command],
                    cwd=ROOT,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    env={**os.environ, **env},
                )
            )

    def start_wsgi(self, application: str) -> int:
        """Start the web server as the Procfile does and return its port once it answers."""
        port, name = free_port(), application.partition(":")[0]
        self.start(
            name, "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error",
            "--workers", "1", "--blocking-threads", str(THREADS), "--host", "127.0.0.1",
            "--port", str(port), application,
            PROCESS_TYPE="web",
        )  # fmt: skip
        self.wait_for(port, name)
        return port

    def wait_for(self, port: int, name: str) -> None:
        """Return once the port answers HTTP; raises RuntimeError with the log's end."""
        ends_at = time.monotonic() + _START_SECONDS
        while time.monotonic() < ends_at and self._running[-1].poll() is None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection.request("GET", "/health")
                connection.getresponse().read()
                return
            connection.close()
            time.sleep(0.05)
        raise RuntimeError(f"{name} did not start: {self.log(name)}")

    def log(self, name: str) -> str:
        """Return the end of a log."""
        return (self._folder / f"{name}.log").read_text(errors="replace")[-2000:]

    def stop(self) -> None:
        """End everything that was started here, and its children."""
        for process in self._running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._running:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(5)
        self._running.clear()


@contextlib.contextmanager
def processes(folder: Path) -> Iterator[Processes]:
    """Yield the means to start processes; all end with the block."""
    running = Processes(folder)
    try:
        yield running
    finally:
        running.stop()
