"""The API's routes: method and path to the function that answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import checkout, intents, parameters, refunds
from .errors import ApiError, missing
from .state import Books, Object, Server


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request."""

    server: Server
    books: Books
    params: dict[str, Any]
    key: str = ""


Answer = Callable[..., Object]


def _list(table: str) -> Answer:
    def answer(call: Call) -> Object:
        rows = list(getattr(call.books, table).values())
        for name in ("payment_intent", "charge", "type", "status"):
            if name in call.params:
                rows = [row for row in rows if row.get(name) == call.params[name]]
        return parameters.page(rows, call.params, f"/v1/{table}")

    return answer


def _one(table: str, kind: str) -> Answer:
    def answer(call: Call, object_id: str) -> Object:
        try:
            found: Object = getattr(call.books, table)[object_id]
        except KeyError:
            raise missing(kind, object_id) from None
        return found

    return answer


def _balance(call: Call) -> Object:
    return {
        "object": "balance",
        "available": [{"amount": 0, "currency": "usd", "source_types": {"card": 0}}],
        "pending": [{"amount": 0, "currency": "usd", "source_types": {"card": 0}}],
        "livemode": False,
    }


def _account(call: Call) -> Object:
    return {
        "id": call.books.account,
        "object": "account",
        "charges_enabled": True,
        "payouts_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "type": "standard",
    }


ROUTES: tuple[tuple[str, str, Answer], ...] = (
    ("POST", r"payment_intents", lambda c: intents.create(c.server, c.books, c.params)),
    ("GET", r"payment_intents", _list("payment_intents")),
    ("GET", r"payment_intents/(pi_\w+)", lambda c, i: intents.retrieve(c.books, i)),
    (
        "POST",
        r"payment_intents/(pi_\w+)",
        lambda c, i: intents.update(c.books, i, c.params),
    ),
    (
        "POST",
        r"payment_intents/(pi_\w+)/confirm",
        lambda c, i: intents.confirm(c.server, c.books, i, c.params),
    ),
    (
        "POST",
        r"payment_intents/(pi_\w+)/capture",
        lambda c, i: intents.capture(c.server, c.books, i, c.params),
    ),
    (
        "POST",
        r"payment_intents/(pi_\w+)/cancel",
        lambda c, i: intents.cancel(c.server, c.books, i, c.params),
    ),
    (
        "POST",
        r"checkout/sessions",
        lambda c: checkout.create(c.server, c.books, c.params),
    ),
    ("GET", r"checkout/sessions", _list("sessions")),
    ("GET", r"checkout/sessions/(cs_\w+)", lambda c, i: checkout.retrieve(c.books, i)),
    (
        "POST",
        r"checkout/sessions/(cs_\w+)/expire",
        lambda c, i: checkout.expire(c.server, c.books, i),
    ),
    ("POST", r"refunds", lambda c: refunds.create(c.server, c.books, c.params)),
    ("GET", r"refunds", _list("refunds")),
    ("GET", r"refunds/(re_\w+)", lambda c, i: refunds.retrieve(c.books, i)),
    ("GET", r"charges", _list("charges")),
    ("GET", r"charges/(ch_\w+)", _one("charges", "charge")),
    ("GET", r"events", _list("events")),
    ("GET", r"events/(evt_\w+)", _one("events", "event")),
    ("GET", r"balance", _balance),
    ("GET", r"account", _account),
)


def answer(call: Call, method: str, path: str) -> Object:
    """Run the function of this route. Raises ApiError 404 for one that is not served."""
    for wanted, pattern, function in ROUTES:
        found = re.fullmatch(r"/v1/" + pattern, path)
        if found and wanted == method:
            return function(call, *found.groups())
    raise ApiError(
        404,
        "invalid_request_error",
        f"Unrecognized request URL ({method}: {path}).",
    )
