"""Deliver events to the configured endpoints: sign, send, retry, and do what the faults say.

Signature as documented by Stripe: `t=<unix>,v1=<hex>` where the hex is HMAC-SHA256 over
`<t>.<raw body>` with the whole endpoint secret as text; every attempt is signed anew.
"""

from __future__ import annotations

import copy
import hashlib
import heapq
import hmac
import http.client
import itertools
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from .faults import Fault, Faults

TIMEOUT_SECONDS = 30


@dataclass(slots=True)
class Endpoint:
    """An address with its signing secrets; two while one is being rolled."""

    url: str
    secrets: list[str]
    events: list[str] = field(default_factory=lambda: ["*"])


@dataclass(slots=True)
class Delivery:
    """One event on its way to one endpoint."""

    endpoint: Endpoint
    event: dict[str, Any]
    attempt: int = 0
    is_forged: bool = False


def sign(secrets: list[str], body: bytes, timestamp: int) -> str:
    """Return the `Stripe-Signature` header value."""
    text = f"{timestamp}.".encode() + body
    marks = [hmac.new(secret.encode(), text, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={timestamp}", *(f"v1={mark}" for mark in marks)])


class Courier:
    """Owns the queue and the threads that empty it."""

    def __init__(self, faults: Faults, *, retry_seconds: tuple[float, ...]) -> None:
        self.faults = faults
        self.retry_seconds = retry_seconds
        self.condition = threading.Condition()
        self.counter = itertools.count()
        self.pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="courier")
        self.reset()
        threading.Thread(target=self._run, daemon=True).start()

    def reset(self) -> None:
        """Forget endpoints, waiting deliveries and the log."""
        with self.condition:
            self.endpoints: list[Endpoint] = []
            self.queue: list[tuple[float, int, Delivery]] = []
            self.held: list[dict[str, Any]] = []
            self.hold_until = 0
            self.log: list[dict[str, Any]] = []
            self.open = 0

    def send(self, event: dict[str, Any]) -> None:
        """Queue an event for every endpoint, as the active fault for its type says."""
        fault = self.faults.for_event(event["type"])
        with self.condition:
            if fault is not None and fault.kind == "reorder":
                self.hold_until = fault.count
            if self.hold_until:
                self.held.append(event)
                if len(self.held) >= self.hold_until:
                    waiting, self.held, self.hold_until = self.held[::-1], [], 0
                    for place, item in enumerate(waiting):
                        self._queue(item, delay=place * 0.3)
                return
            if fault is None:
                self._queue(event)
            elif fault.kind != "drop":
                self._queue_faulty(event, fault)

    def resend(self, event: dict[str, Any]) -> None:
        """Queue an event once more, unchanged."""
        with self.condition:
            self._queue(event)

    def _queue_faulty(self, event: dict[str, Any], fault: Fault) -> None:
        if fault.kind == "duplicate":
            for _ in range(max(2, fault.count)):
                self._queue(event)
            return
        if fault.kind == "event_delay":
            self._queue(event, delay=fault.seconds)
            return
        changed = copy.deepcopy(event)
        obj = changed["data"]["object"]
        if fault.kind == "wrong_amount":
            for name in ("amount", "amount_received", "amount_total"):
                if isinstance(obj.get(name), int):
                    obj[name] += 100
        elif fault.kind == "wrong_currency":
            obj["currency"] = "usd" if obj.get("currency") != "usd" else "eur"
        elif fault.kind == "other_account":
            changed["account"] = "acct_somebodyelse0001"
        elif fault.kind == "live_mode":
            changed["livemode"] = obj["livemode"] = True
        elif fault.kind == "event_unknown_status":
            obj["status"] = "in_superposition"
        self._queue(changed, is_forged=fault.kind == "bad_signature")

    def _queue(self, event: dict[str, Any], *, delay: float = 0.0, is_forged: bool = False) -> None:
        for endpoint in self.endpoints:
            if "*" in endpoint.events or event["type"] in endpoint.events:
                self._push(Delivery(endpoint, event, is_forged=is_forged), delay)

    def _push(self, delivery: Delivery, delay: float) -> None:
        with self.condition:
            self.open += 1
            heapq.heappush(self.queue, (time.monotonic() + delay, next(self.counter), delivery))
            self.condition.notify()

    def _run(self) -> None:
        while True:
            with self.condition:
                while not self.queue or self.queue[0][0] > time.monotonic():
                    wait = self.queue[0][0] - time.monotonic() if self.queue else None
                    self.condition.wait(wait)
                _, _, delivery = heapq.heappop(self.queue)
            self.pool.submit(self._deliver, delivery)

    def _deliver(self, delivery: Delivery) -> None:
        body = json.dumps(delivery.event, indent=2, ensure_ascii=False).encode()
        secrets = ["whsec_of_a_stranger"] if delivery.is_forged else delivery.endpoint.secrets
        header = sign(secrets, body, int(time.time()))
        status = post(delivery.endpoint.url, body, header)
        with self.condition:
            self.log.append(
                {
                    "event": delivery.event["id"],
                    "type": delivery.event["type"],
                    "url": delivery.endpoint.url,
                    "attempt": delivery.attempt + 1,
                    "status": status,
                }
            )
            is_live = delivery.endpoint in self.endpoints
            if not 200 <= status < 300 and is_live and delivery.attempt < len(self.retry_seconds):
                wait = self.retry_seconds[delivery.attempt]
                delivery.attempt += 1
                self._push(delivery, wait)
            self.open = max(0, self.open - 1)


def post(url: str, body: bytes, signature: str) -> int:
    """Send one delivery; 0 stands for an endpoint that could not be reached."""
    parts = urlsplit(url)
    factory = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = factory(parts.netloc, timeout=TIMEOUT_SECONDS)
    try:
        connection.request(
            "POST",
            parts.path + (f"?{parts.query}" if parts.query else ""),
            body=body,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signature,
                "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            },
        )
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        return 0
    else:
        return response.status
    finally:
        connection.close()
