"""Start the server as a process of its own and steer it over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class FakeStripe:
    """The control surface of a running server, as a test uses it."""

    url: str

    def control(self, method: str, path: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send one control call. Raises urllib.error.HTTPError when it is refused."""
        request = urllib.request.Request(
            f"{self.url}/_control/{path}",
            data=json.dumps(data or {}).encode(),
            method=method,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
        return answer

    def reset(self) -> None:
        """Forget everything."""
        self.control("POST", "reset")

    def send_webhooks_to(self, url: str, *secrets: str) -> None:
        """Deliver every event to `url`, signed with every secret given."""
        self.control("POST", "webhooks", {"url": url, "secrets": list(secrets)})

    def fault(self, kind: str, **narrow: object) -> None:
        """Switch a fault on (see faults.py)."""
        self.control("POST", "faults", {"kind": kind, **narrow})

    def confirm(self, intent_id: str, method: str = "pm_card_visa") -> dict[str, Any]:
        """Confirm an intent as the customer's browser does; a decline is an answer too."""
        return self.control(
            "POST", f"payment_intents/{intent_id}/confirm", {"payment_method": method}
        )

    def authenticate(self, intent_id: str, *, is_passed: bool = True) -> dict[str, Any]:
        """Finish 3-D Secure."""
        outcome = "pass" if is_passed else "fail"
        return self.control(
            "POST", f"payment_intents/{intent_id}/authenticate", {"outcome": outcome}
        )

    def settle(self, intent_id: str, *, is_paid: bool = True) -> dict[str, Any]:
        """Finish a slow payment."""
        outcome = "pass" if is_paid else "fail"
        return self.control("POST", f"payment_intents/{intent_id}/settle", {"outcome": outcome})

    def pay_session(self, session_id: str, method: str = "pm_card_visa") -> dict[str, Any]:
        """Pay a hosted session as the customer does."""
        return self.control(
            "POST", f"checkout/sessions/{session_id}/pay", {"payment_method": method}
        )

    def move_refund(self, refund_id: str, status: str) -> dict[str, Any]:
        """Let the bank change a refund."""
        return self.control("POST", f"refunds/{refund_id}", {"status": status})

    def patch(self, table: str, object_id: str, **members: object) -> dict[str, Any]:
        """Change a stored object without an event."""
        return self.control("PATCH", f"{table}/{object_id}", members)

    def resend(self, event_id: str) -> None:
        """Deliver an event once more."""
        self.control("POST", f"events/{event_id}/resend")

    @property
    def requests(self) -> list[dict[str, Any]]:
        """Every API request so far."""
        return list(self.control("GET", "state")["requests"])

    @property
    def deliveries(self) -> list[dict[str, Any]]:
        """Every webhook attempt that ended."""
        return list(self.control("GET", "state")["deliveries"])

    def wait_for_deliveries(self, *, seconds: float = 60.0) -> list[dict[str, Any]]:
        """Wait until nothing is on its way. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = self.control("GET", "state")
            if not state["waiting"]:
                return list(state["deliveries"])
            time.sleep(0.02)
        message = f"deliveries still waiting after {seconds} s"
        raise TimeoutError(message)


@contextmanager
def running(*, retry: str = "0.2,0.5,1") -> Iterator[FakeStripe]:
    """Start a server on a free port and stop it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.stripe", "--port", "0", "--retry", retry],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address.startswith("http"):
            message = "the Stripe server did not start"
            raise RuntimeError(message)
        yield FakeStripe(address)
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()
