"""Start the program as a process of its own and say who is at the other end."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class FakeOAuth:
    """The control surface of a running program."""

    url: str

    def control(self, path: str, **body: Any) -> dict[str, Any]:
        """Send one control call."""
        request = urllib.request.Request(
            f"{self.url}/_control/{path}", data=json.dumps(body).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            answer: dict[str, Any] = json.load(response)
        return answer

    def reset(self) -> None:
        """Forget everything."""
        self.control("reset")

    def is_at(self, provider: str, person: dict[str, Any] | None) -> None:
        """Let this person consent from now on; None declines."""
        self.control(provider, person=person)

    @property
    def requests(self) -> list[str]:
        """Every request so far, as method and path."""
        return list(self.control("requests")["requests"])


@contextmanager
def running() -> Iterator[FakeOAuth]:
    """Start a program on a free port and stop it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.oauth", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address.startswith("http"):
            message = "the OAuth program did not start"
            raise RuntimeError(message)
        yield FakeOAuth(address)
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()
