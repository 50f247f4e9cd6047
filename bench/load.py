"""Asking for a load and reading what came of it."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

ROOT = Path(__file__).resolve().parent.parent
_TIMEOUT_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Reading:
    """One run. Times in milliseconds, sorted; `statuses` counts answers by HTTP status."""

    rate: float
    times: Sequence[float] = ()
    statuses: Mapping[int, int] = field(default_factory=dict)

    def percentile(self, share: float) -> float:
        """Return the time below which so many of a hundred answers lie."""
        if not self.times:
            return 0.0
        return self.times[min(len(self.times) - 1, int(len(self.times) * share / 100))]

    @property
    def failures(self) -> int:
        """Return how many answers were not 2xx."""
        return sum(count for status, count in self.statuses.items() if not 200 <= status < 300)


def send(
    port: int,
    requests: Sequence[bytes],
    *,
    connections: int = 16,
    warm_up: Sequence[bytes] = (),
    rate: float | None = None,
) -> Reading:
    """Send every request once to the local port and return the reading.

    `rate` a second sends by the clock, otherwise as fast as the connections are answered. The
    warm-up goes first and is not counted. Raises RuntimeError when the client gave up.
    """
    job = {
        "host": "127.0.0.1",
        "port": port,
        "connections": connections,
        "rate": rate,
        "requests": [item.decode("latin-1") for item in requests],
        "warm_up": [item.decode("latin-1") for item in warm_up],
        "timeout": _TIMEOUT_SECONDS,
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.client"],
        cwd=ROOT,
        input=orjson.dumps(job),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the load client failed: {done.stderr.decode()[-800:]}")
    told = orjson.loads(done.stdout)
    return Reading(
        rate=len(told["times"]) / told["seconds"],
        times=[seconds * 1000 for seconds in told["times"]],
        statuses={int(status): count for status, count in told["statuses"].items()},
    )
