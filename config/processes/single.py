"""One copy for each data folder: a lock file that also tells where the copy answers."""

import fcntl
import json
import os
import time
from pathlib import Path
from typing import TextIO

_LEFTOVER_SECONDS = 15.0


class AlreadyRunning(Exception):
    """Another copy holds the folder; `pid` and `address` as far as it has told them."""

    def __init__(self, *, pid: int | None, address: str) -> None:
        super().__init__("already running")
        self.pid = pid
        self.address = address


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


def write_holder(file: TextIO, *, address: str) -> None:
    """Tell a second copy which process this is and where it answers."""
    file.seek(0)
    file.truncate()
    json.dump({"pid": os.getpid(), "address": address}, file)
    file.flush()


def _read_holder(file: TextIO) -> AlreadyRunning:
    file.seek(0)
    try:
        said = json.load(file)
        return AlreadyRunning(pid=int(said["pid"]), address=str(said["address"]))
    except (ValueError, KeyError, TypeError):
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
