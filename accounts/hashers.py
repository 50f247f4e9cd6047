"""The password hasher, and how many passwords one process computes at once."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.contrib.auth.hashers import BCryptSHA256PasswordHasher

from common.errors import Busy

MOST_WAITING: Final = 2


class Gate:
    """Lets `running` callers in at once and `waiting` more stand in line; refuses the rest."""

    def __init__(self, *, running: int, waiting: int) -> None:
        """Start empty."""
        self._seats = threading.Semaphore(running)
        self._places = threading.Semaphore(running + waiting)

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Hold a seat for the block, after waiting in line for one. Raises Busy when it is full."""
        if not self._places.acquire(blocking=False):
            raise Busy
        try:
            with self._seats:
                yield
        finally:
            self._places.release()


# One core stays free for everybody who is not signing in.
gate = Gate(running=max(1, (os.cpu_count() or 1) - 1), waiting=MOST_WAITING)


class BCryptSHA256Rounds14PasswordHasher(BCryptSHA256PasswordHasher):
    """bcrypt with 14 rounds (about a second), over SHA-256, which lifts its limit of 72 bytes.

    Making and checking go through the process's gate, and raise Busy when it is full.
    """

    rounds = 14

    def encode(self, password: str, salt: str | bytes) -> str:
        """Return the hash; checking a password and evening out its time call this too."""
        with gate.enter():
            return super().encode(password, salt)  # type: ignore[arg-type]  # bcrypt's salt is bytes
