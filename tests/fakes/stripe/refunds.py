"""Refunds: full, partial, pending, failed; they may still fail after they succeeded."""

from __future__ import annotations

from typing import Any

from . import parameters
from .cards import METHODS, Behaviour
from .errors import ApiError, invalid, missing
from .state import Books, Object, Server, new_id, now

REASONS = {"duplicate", "fraudulent", "requested_by_customer"}


def create(server: Server, books: Books, params: dict[str, Any]) -> Object:
    """POST /v1/refunds by payment_intent or charge; no amount means all that is left."""
    parameters.only(
        params,
        "payment_intent charge amount reason metadata reverse_transfer refund_application_fee "
        "instructions_email",
    )
    charge = _charge(books, params)
    if not charge["paid"] or not charge["captured"]:
        raise invalid(f"Charge {charge['id']} has not been captured.", code="charge_not_captured")
    if params.get("reason") and params["reason"] not in REASONS:
        raise invalid(f"Invalid reason: {params['reason']}", param="reason")
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left == 0:
        raise ApiError(
            400,
            "invalid_request_error",
            f"Charge {charge['id']} has already been refunded.",
            code="charge_already_refunded",
            is_saved=True,
        )
    amount = parameters.amount(params.get("amount", left))
    if amount > left:
        raise invalid(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    behaviour = METHODS.get(str(charge["payment_method"]), Behaviour())
    refund: Object = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "failure_reason": None,
        "metadata": parameters.texts(params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "status": "pending" if behaviour.refund_status == "pending" else "succeeded",
    }
    books.refunds[refund["id"]] = refund
    _count(charge, amount)
    server.emit(books, "refund.created", refund)
    server.emit(books, "charge.refunded", charge)
    if behaviour.refund_status == "failed":
        move(server, refund["id"], status="failed")
    return refund


def move(server: Server, refund_id: str, *, status: str) -> Object:
    """Change a refund's status as the bank would, and tell the endpoint."""
    books, refund = server.find("refunds", refund_id)
    was_open = refund["status"] in {"pending", "requires_action", "succeeded"}
    refund["status"] = status
    if status in {"failed", "canceled"} and was_open:
        refund["failure_reason"] = "unknown" if status == "failed" else None
        _count(books.charges[refund["charge"]], -refund["amount"])
    server.emit(books, "refund.updated", refund)
    if status == "failed":
        server.emit(books, "refund.failed", refund)
    return refund


def retrieve(books: Books, refund_id: str) -> Object:
    """GET /v1/refunds/{id}."""
    try:
        return books.refunds[refund_id]
    except KeyError:
        raise missing("refund", refund_id) from None


def _charge(books: Books, params: dict[str, Any]) -> Object:
    if params.get("payment_intent"):
        intent = books.payment_intents.get(params["payment_intent"])
        if intent is None:
            raise missing("payment_intent", params["payment_intent"])
        if not intent["latest_charge"]:
            raise invalid(f"This PaymentIntent ({intent['id']}) does not have a successful charge.")
        return books.charges[intent["latest_charge"]]
    charge = books.charges.get(parameters.required(params, "charge"))
    if charge is None:
        raise missing("charge", params["charge"])
    return charge


def _count(charge: Object, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
