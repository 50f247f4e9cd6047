"""What the supervisor needs to know of one program."""

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path


class Tier(IntEnum):
    """Order of stopping: applications first, so that their last writes still find a server."""

    APPLICATION = 0
    REDIS = 1
    POSTGRES = 2


@dataclass(frozen=True, slots=True)
class Program:
    """One long-running program.

    `grace_seconds` is how long it may take to stop before its whole process group is killed.
    With `log_path` its output goes to that file instead of the terminal.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    tier: Tier = Tier.APPLICATION
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 4.5
    log_path: Path | None = None
