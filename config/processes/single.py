"""One copy for each data folder: a lock file that also tells where the copy answers."""

import fcntl
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

_LEFTOVER_SECONDS = 15.0


class AlreadyRunning(Exception):
    """Another copy holds the folder; the rest as far as it has told it.

    `variables` lead to its services; they are empty while it is starting.
    """

    def __init__(
        self, *, pid: int | None, address: str, variables: Mapping[str, str] | None = None
    ) -> None:
        super().__init__("already running")
        self.pid = pid
        self.address = address
        self.variables = variables or {}


def acquire_lock(path: Path) -> TextIO:
    """Return the locked file; the lock lasts until it and every inherited copy are closed.

    When the holder was killed, its guard still holds the lock while it stops what was left:
    that is waited for. Raises AlreadyRunning, OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+")
    deadline = time.monotonic() + _LEFTOVER_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read_holder(file)
            if _is_alive(holder.pid) or time.monotonic() > deadline:
                file.close()
                raise holder from None
            time.sleep(0.1)
        else:
            write_holder(file, address="")
            return file


def write_holder(file: TextIO, *, address: str, variables: Mapping[str, str] | None = None) -> None:
    """Tell others which process this is, where it answers and which variables lead there.

    The file may be read by anybody: no secret belongs into `variables`.
    """
    file.seek(0)
    file.truncate()
    said = {"pid": os.getpid(), "address": address, "variables": dict(variables or {})}
    json.dump(said, file)
    file.flush()


def _read_holder(file: TextIO) -> AlreadyRunning:
    file.seek(0)
    try:
        said = json.load(file)
        return AlreadyRunning(
            pid=int(said["pid"]),
            address=str(said["address"]),
            variables={str(name): str(value) for name, value in said["variables"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return AlreadyRunning(pid=None, address="")


def _is_alive(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
