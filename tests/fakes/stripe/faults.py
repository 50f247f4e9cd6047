"""Faults that a test switches on: on answers of the API, and on events before they leave.

Answers: `delay` (seconds, then the normal answer), `error_before` (500, nothing done),
`error_after` (done, then 500; the key keeps that 500 as Stripe's does, unless `is_saved` is
false), `hang` (done, no answer for `seconds`), `hang_before`, `html` (done, a proxy's HTML page),
`html_before`, `rate_limit` (429), `unknown_status` (done, the object names a status nobody
knows), `reset` (done, the connection is cut).

Events: `drop`, `duplicate`, `reorder` (hold `count` events and send them last first),
`wrong_amount`, `wrong_currency`, `other_account`, `live_mode`, `event_unknown_status`,
`bad_signature`, `event_delay` (seconds).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

ANSWERS = frozenset(
    {
        "delay",
        "error_before",
        "error_after",
        "hang",
        "hang_before",
        "html",
        "html_before",
        "rate_limit",
        "unknown_status",
        "reset",
    }
)
EVENTS = frozenset(
    {
        "drop",
        "duplicate",
        "reorder",
        "wrong_amount",
        "wrong_currency",
        "other_account",
        "live_mode",
        "event_unknown_status",
        "bad_signature",
        "event_delay",
    }
)


@dataclass(slots=True)
class Fault:
    """One switched-on fault; `times` counts down, `path` and `event` narrow it by prefix."""

    kind: str
    method: str = ""
    path: str = ""
    event: str = ""
    times: int = 1
    seconds: float = 30.0
    count: int = 2
    is_saved: bool = True


@dataclass(slots=True)
class Faults:
    """The faults of one server."""

    active: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, values: dict[str, object]) -> Fault:
        """Switch one on. Raises ValueError for an unknown kind or field."""
        try:
            fault = Fault(**values)  # type: ignore[arg-type]  # checked JSON of a test
        except TypeError as error:
            raise ValueError(str(error)) from error
        if fault.kind not in ANSWERS | EVENTS:
            message = f"unknown fault {fault.kind!r}"
            raise ValueError(message)
        with self.lock:
            self.active.append(fault)
        return fault

    def clear(self) -> None:
        """Switch all off."""
        with self.lock:
            self.active.clear()

    def for_answer(self, method: str, path: str) -> Fault | None:
        """Use up one fault that matches this call."""
        return self._take(
            lambda f: (
                f.kind in ANSWERS and f.method in {"", method} and path.startswith(f.path or "/v1/")
            )
        )

    def for_event(self, kind: str) -> Fault | None:
        """Use up one fault that matches this event type."""
        return self._take(lambda f: f.kind in EVENTS and kind.startswith(f.event))

    def _take(self, matches: object) -> Fault | None:
        with self.lock:
            for fault in self.active:
                if matches(fault):  # type: ignore[operator]  # a predicate of this module
                    fault.times -= 1
                    if fault.times <= 0:
                        self.active.remove(fault)
                    return fault
        return None
