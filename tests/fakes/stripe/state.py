"""What the server remembers: objects by account, keys, events, and the clock."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from .delivery import Courier
from .errors import missing
from .faults import Faults

API_VERSION = "2026-10-28.endive"
Object = dict[str, Any]


@dataclass(slots=True)
class Books:
    """Every object of one account, by id, in the order of creation."""

    account: str
    is_connected: bool
    payment_intents: dict[str, Object] = field(default_factory=dict)
    charges: dict[str, Object] = field(default_factory=dict)
    refunds: dict[str, Object] = field(default_factory=dict)
    sessions: dict[str, Object] = field(default_factory=dict)
    events: dict[str, Object] = field(default_factory=dict)


@dataclass(slots=True)
class SavedAnswer:
    """What an idempotency key keeps: the parameters' print, and the answer once there is one."""

    fingerprint: str
    status: int = 0
    body: bytes = b""


class Server:
    """One Stripe. `lock` guards everything in here."""

    def __init__(self, *, base_url: str, retry_seconds: tuple[float, ...]) -> None:
        self.base_url = base_url
        self.lock = threading.RLock()
        self.faults = Faults()
        self.courier = Courier(self.faults, retry_seconds=retry_seconds)
        self.reset()

    def reset(self) -> None:
        """Forget every object, key, fault, endpoint and delivery."""
        self.books: dict[str, Books] = {}
        self.saved: dict[tuple[str, str], SavedAnswer] = {}
        self.requests: list[Object] = []
        self.faults.clear()
        self.courier.reset()

    def books_for(self, key: str, connected: str) -> Books:
        """Return the books of the key's own account, or of the connected one it acts for."""
        account = connected or "acct_" + hashlib.sha256(key.encode()).hexdigest()[:16]
        return self.books.setdefault(account, Books(account, is_connected=bool(connected)))

    def find(self, table: str, object_id: str) -> tuple[Books, Object]:
        """Find an object in any account (hosted pages and control know no key)."""
        for books in self.books.values():
            found = getattr(books, table).get(object_id)
            if found is not None:
                return books, found
        raise missing(table.rstrip("s"), object_id)

    def emit(self, books: Books, kind: str, obj: Object, *, request_key: str = "") -> Object:
        """Store an event with a snapshot of the object and hand it to the courier."""
        event: Object = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": now(),
            "type": kind,
            "livemode": False,
            "pending_webhooks": len(self.courier.endpoints),
            "request": {"id": new_id("req"), "idempotency_key": request_key or None},
            "data": {"object": snapshot(obj)},
        }
        if books.is_connected:
            event["account"] = books.account
        books.events[event["id"]] = event
        self.courier.send(event)
        return event


def now() -> int:
    """Return Unix seconds, as every `created` is given."""
    return int(time.time())


def new_id(prefix: str) -> str:
    """Return an id in Stripe's manner: prefix and 24 characters."""
    return f"{prefix}_{secrets.token_hex(12)}"


def snapshot(obj: Object) -> Object:
    """Return a copy that later changes do not reach."""
    return {
        name: dict(value) if isinstance(value, dict) else value
        for name, value in obj.items()
        if not name.startswith("_")
    }
