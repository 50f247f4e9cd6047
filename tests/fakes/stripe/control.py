"""The control surface, `/_control/...`: what a test sets up and what happens outside the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import checkout, intents, refunds
from .delivery import Endpoint
from .errors import ApiError, invalid
from .state import Object, Server, snapshot


def _webhooks(server: Server, data: Object) -> Object:
    secrets = data.get("secrets") or [data["secret"]]
    server.courier.endpoints.append(Endpoint(data["url"], secrets, data.get("events", ["*"])))
    return {"endpoints": len(server.courier.endpoints)}


def _faults(server: Server, data: Object) -> Object:
    try:
        server.faults.add(data)
    except ValueError as error:
        raise invalid(str(error)) from error
    return {"active": len(server.faults.active)}


def _clear_faults(server: Server, _: Object) -> Object:
    server.faults.clear()
    return {"active": 0}


def _reset(server: Server, _: Object) -> Object:
    server.reset()
    return {}


def _state(server: Server, _: Object) -> Object:
    return {
        "requests": server.requests,
        "deliveries": server.courier.log,
        "waiting": server.courier.open,
        "faults": len(server.faults.active),
    }


def _authenticate(server: Server, data: Object, intent_id: str) -> Object:
    intent = intents.authenticate(server, intent_id, is_passed=data.get("outcome") != "fail")
    checkout.after_settling(server, intent)
    return snapshot(intent)


def _settle(server: Server, data: Object, intent_id: str) -> Object:
    intent = intents.settle(server, intent_id, is_paid=data.get("outcome") != "fail")
    checkout.after_settling(server, intent)
    return snapshot(intent)


def _confirm(server: Server, data: Object, intent_id: str) -> Object:
    """Confirm as Stripe.js does in the customer's browser, with the client secret alone."""
    books, intent = server.find("payment_intents", intent_id)
    try:
        intents.confirm(server, books, intent_id, data)
    except ApiError as error:
        if error.status != 402:
            raise
    return snapshot(intent)


def _pay(server: Server, data: Object, session_id: str) -> Object:
    try:
        checkout.pay(server, session_id, method=data.get("payment_method", "pm_card_visa"))
    except ApiError as error:
        if error.status != 402:
            raise
    return snapshot(server.find("sessions", session_id)[1])


def _refund(server: Server, data: Object, refund_id: str) -> Object:
    return snapshot(refunds.move(server, refund_id, status=data["status"]))


def _resend(server: Server, _data: Object, event_id: str) -> Object:
    _, event = server.find("events", event_id)
    server.courier.resend(event)
    return event


def _patch(server: Server, data: Object, table: str, object_id: str) -> Object:
    """Change any member of a stored object: what the API answers from now on."""
    _, obj = server.find(table, object_id)
    obj.update(data)
    return snapshot(obj)


ROUTES: tuple[tuple[str, str, Callable[..., Object]], ...] = (
    ("POST", r"webhooks", _webhooks),
    ("POST", r"faults", _faults),
    ("DELETE", r"faults", _clear_faults),
    ("POST", r"reset", _reset),
    ("GET", r"state", _state),
    ("POST", r"payment_intents/(\w+)/authenticate", _authenticate),
    ("POST", r"payment_intents/(\w+)/confirm", _confirm),
    ("POST", r"payment_intents/(\w+)/settle", _settle),
    ("POST", r"checkout/sessions/(\w+)/pay", _pay),
    ("POST", r"refunds/(\w+)", _refund),
    ("POST", r"events/(\w+)/resend", _resend),
    ("PATCH", r"(payment_intents|sessions|refunds|charges)/(\w+)", _patch),
)


def answer(server: Server, method: str, path: str, data: dict[str, Any]) -> Object:
    """Run one control call."""
    for wanted, pattern, function in ROUTES:
        found = re.fullmatch(r"/_control/" + pattern, path)
        if found and wanted == method:
            return function(server, data, *found.groups())
    raise ApiError(404, "invalid_request_error", f"No control call {method} {path}.")
