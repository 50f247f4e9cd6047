"""PaymentIntents: create, confirm, authenticate, capture, cancel, and the slow methods."""

from __future__ import annotations

import secrets
from typing import Any

from . import parameters
from .cards import METHODS, NUMBERS, Behaviour
from .errors import ApiError, invalid, missing, unexpected_state
from .state import Books, Object, Server, new_id, now, snapshot

CREATE = (
    "amount currency automatic_payment_methods customer metadata description receipt_email "
    "setup_future_usage capture_method confirm payment_method return_url application_fee_amount "
    "transfer_data on_behalf_of statement_descriptor_suffix excluded_payment_method_types "
    "allowed_payment_method_types payment_method_configuration shipping transfer_group"
)
CONFIRMABLE = {"requires_payment_method", "requires_confirmation", "requires_action"}
CANCELABLE = {*CONFIRMABLE, "requires_capture", "processing"}


def create(server: Server, books: Books, params: dict[str, Any]) -> Object:
    """POST /v1/payment_intents."""
    parameters.only(params, CREATE)
    amount = parameters.amount(parameters.required(params, "amount"))
    currency = parameters.currency(parameters.required(params, "currency"))
    intent_id = new_id("pi")
    automatic = params.get("automatic_payment_methods") or {}
    intent: Object = {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "application_fee_amount": _optional_integer(params, "application_fee_amount"),
        "automatic_payment_methods": {"enabled": automatic.get("enabled") == "true"}
        if automatic
        else None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": f"{intent_id}_secret_{secrets.token_hex(12)}",
        "confirmation_method": "automatic",
        "created": now(),
        "currency": currency,
        "customer": params.get("customer"),
        "description": params.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": parameters.texts(params.get("metadata")),
        "next_action": None,
        "on_behalf_of": params.get("on_behalf_of"),
        "payment_method": params.get("payment_method"),
        "payment_method_types": ["card"],
        "receipt_email": params.get("receipt_email"),
        "setup_future_usage": params.get("setup_future_usage"),
        "status": "requires_confirmation"
        if params.get("payment_method")
        else "requires_payment_method",
        "transfer_data": params.get("transfer_data"),
    }
    books.payment_intents[intent_id] = intent
    server.emit(books, "payment_intent.created", intent)
    if params.get("confirm") == "true":
        return confirm(server, books, intent_id, {})
    return intent


def retrieve(books: Books, intent_id: str) -> Object:
    """GET /v1/payment_intents/{id}."""
    try:
        return books.payment_intents[intent_id]
    except KeyError:
        raise missing("payment_intent", intent_id) from None


def update(books: Books, intent_id: str, params: dict[str, Any]) -> Object:
    """POST /v1/payment_intents/{id}: metadata and description."""
    parameters.only(params, "metadata description receipt_email amount")
    intent = retrieve(books, intent_id)
    intent["metadata"].update(parameters.texts(params.get("metadata")))
    if "amount" in params:
        intent["amount"] = parameters.amount(params["amount"])
    if "description" in params:
        intent["description"] = params["description"]
    return intent


def confirm(server: Server, books: Books, intent_id: str, params: dict[str, Any]) -> Object:
    """POST /v1/payment_intents/{id}/confirm. A decline is 402 and leaves the intent open."""
    parameters.only(params, "payment_method payment_method_data return_url client_secret key")
    intent = retrieve(books, intent_id)
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(
            "This PaymentIntent's payment_method could not be updated because it has a status of "
            f"{intent['status']}.",
            snapshot(intent),
        )
    method, behaviour = _behaviour(params, intent)
    intent.update(payment_method=method, payment_method_types=[behaviour.kind], next_action=None)
    intent["_behaviour"] = behaviour
    if behaviour.decline_code:
        raise decline(server, books, intent, behaviour)
    if behaviour.needs_authentication:
        page = f"{server.base_url}/3ds/{intent_id}"
        intent["status"] = "requires_action"
        intent["next_action"] = {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": page, "return_url": params.get("return_url")},
        }
        server.emit(books, "payment_intent.requires_action", intent)
    elif behaviour.is_slow:
        intent["status"] = "processing"
        server.emit(books, "payment_intent.processing", intent)
    else:
        succeed(server, books, intent)
    return intent


def authenticate(server: Server, intent_id: str, *, is_passed: bool) -> Object:
    """Finish the 3-D Secure step, as the customer on the bank's page does."""
    books, intent = server.find("payment_intents", intent_id)
    if intent["status"] != "requires_action":
        raise invalid("This PaymentIntent does not wait for authentication.")
    intent["next_action"] = None
    if is_passed:
        succeed(server, books, intent)
    else:
        intent["status"] = "requires_payment_method"
        intent["payment_method"] = None
        intent["last_payment_error"] = {
            "type": "invalid_request_error",
            "code": "payment_intent_authentication_failure",
            "message": "The provided PaymentMethod has failed authentication.",
        }
        server.emit(books, "payment_intent.payment_failed", intent)
    return intent


def settle(server: Server, intent_id: str, *, is_paid: bool) -> Object:
    """Finish a slow method that is `processing`."""
    books, intent = server.find("payment_intents", intent_id)
    if intent["status"] != "processing":
        raise invalid("This PaymentIntent is not processing.")
    if is_paid:
        succeed(server, books, intent)
    else:
        decline(server, books, intent, Behaviour(decline_code="generic_decline"))
    return intent


def succeed(server: Server, books: Books, intent: Object) -> None:
    """Charge the intent: captured at once, or held when it is captured by hand."""
    is_held = intent["capture_method"] == "manual"
    charge = _charge(books, intent, is_captured=not is_held)
    intent["latest_charge"] = charge["id"]
    intent["last_payment_error"] = None
    server.emit(books, "charge.succeeded", charge)
    if is_held:
        intent["status"] = "requires_capture"
        intent["amount_capturable"] = intent["amount"]
        server.emit(books, "payment_intent.amount_capturable_updated", intent)
        return
    intent["status"] = "succeeded"
    intent["amount_received"] = intent["amount"]
    server.emit(books, "payment_intent.succeeded", intent)


def decline(server: Server, books: Books, intent: Object, behaviour: Behaviour) -> ApiError:
    """Record a failed charge and return the 402 that Stripe answers with."""
    charge = _charge(books, intent, is_captured=False, failure=behaviour)
    error = {
        "type": "card_error",
        "code": behaviour.error_code,
        "decline_code": behaviour.decline_code,
        "message": behaviour.message,
        "charge": charge["id"],
    }
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        latest_charge=charge["id"],
        last_payment_error=error,
    )
    server.emit(books, "charge.failed", charge)
    server.emit(books, "payment_intent.payment_failed", intent)
    return ApiError(
        402,
        "card_error",
        behaviour.message,
        code=behaviour.error_code,
        decline_code=behaviour.decline_code,
        extra={"charge": charge["id"], "payment_intent": snapshot(intent)},
        is_saved=True,
    )


def capture(server: Server, books: Books, intent_id: str, params: dict[str, Any]) -> Object:
    """POST /v1/payment_intents/{id}/capture."""
    parameters.only(params, "amount_to_capture")
    intent = retrieve(books, intent_id)
    if intent["status"] != "requires_capture":
        raise unexpected_state(
            "This PaymentIntent could not be captured because it has a status of "
            f"{intent['status']}.",
            snapshot(intent),
        )
    amount = parameters.amount(params.get("amount_to_capture", intent["amount"]))
    if amount > intent["amount_capturable"]:
        raise invalid("The amount is more than can be captured.", param="amount_to_capture")
    charge = books.charges[intent["latest_charge"]]
    charge.update(captured=True, amount_captured=amount)
    intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
    server.emit(books, "charge.captured", charge)
    server.emit(books, "payment_intent.succeeded", intent)
    return intent


def cancel(server: Server, books: Books, intent_id: str, params: dict[str, Any]) -> Object:
    """POST /v1/payment_intents/{id}/cancel."""
    parameters.only(params, "cancellation_reason")
    intent = retrieve(books, intent_id)
    if intent["status"] not in CANCELABLE:
        raise unexpected_state(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
            snapshot(intent),
        )
    intent.update(
        status="canceled",
        canceled_at=now(),
        cancellation_reason=params.get("cancellation_reason"),
        next_action=None,
    )
    server.emit(books, "payment_intent.canceled", intent)
    return intent


def _behaviour(params: dict[str, Any], intent: Object) -> tuple[str, Behaviour]:
    method = params.get("payment_method") or intent["payment_method"]
    card = (params.get("payment_method_data") or {}).get("card") or {}
    if card:
        method = NUMBERS.get(str(card.get("number", "")).replace(" ", ""), "")
    if not method:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    if method not in METHODS:
        raise missing("PaymentMethod", method)
    return method, METHODS[method]


def _charge(
    books: Books, intent: Object, *, is_captured: bool, failure: Behaviour | None = None
) -> Object:
    charge: Object = {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if is_captured else 0,
        "amount_refunded": 0,
        "captured": is_captured,
        "created": now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "disputed": False,
        "failure_code": failure.error_code if failure else None,
        "failure_message": failure.message if failure else None,
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "paid": failure is None,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": {
            "type": "card",
            "card": {
                "brand": "visa",
                "last4": "4242",
                "exp_month": 12,
                "exp_year": 2034,
            },
        },
        "refunded": False,
        "status": "failed" if failure else "succeeded",
    }
    books.charges[charge["id"]] = charge
    return charge


def _optional_integer(params: dict[str, Any], name: str) -> int | None:
    return parameters.integer(params[name], name) if name in params else None
