"""Asks the kernel to signal a child when the supervisor dies, however it dies (Linux only).

The setting survives exec but is cleared when a process changes its user or namespace; a wrapper
that does so has to ask again (`setpriv --pdeathsig`). Source: prctl(2), PR_SET_PDEATHSIG.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: loading a library in a forked child may deadlock.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def on_parent_death(number: signal.Signals) -> Callable[[], None]:
    """Return a `preexec_fn` that has the kernel send `number` when this process ends."""
    parent = os.getpid()

    def ask() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(number))
            if os.getppid() != parent:  # the supervisor died before the kernel was asked
                os._exit(1)

    return ask
