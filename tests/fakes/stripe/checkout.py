"""Hosted Checkout sessions in payment mode: create, read, expire, and pay on the hosted page."""

from __future__ import annotations

from typing import Any

from . import intents, parameters
from .errors import ApiError, invalid, missing
from .state import Books, Object, Server, new_id, now

CREATE = (
    "mode line_items success_url cancel_url client_reference_id metadata payment_intent_data "
    "customer customer_email expires_at ui_mode locale submit_type billing_address_collection "
    "automatic_tax allow_promotion_codes payment_method_configuration "
    "excluded_payment_method_types allowed_payment_method_types"
)
HALF_HOUR = 30 * 60
DAY = 24 * 60 * 60


def create(server: Server, books: Books, params: dict[str, Any]) -> Object:
    """POST /v1/checkout/sessions; no PaymentIntent exists before the customer pays."""
    parameters.only(params, CREATE)
    if parameters.required(params, "mode") != "payment":
        raise invalid("This server serves mode payment only.", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid("This server serves ui_mode hosted_page only.", param="ui_mode")
    success_url = parameters.required(params, "success_url")
    amount, currency = _total(params.get("line_items"))
    created = now()
    expires_at = parameters.integer(params.get("expires_at", created + DAY), "expires_at")
    if not created + HALF_HOUR <= expires_at <= created + DAY:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.",
            param="expires_at",
        )
    session_id = new_id("cs_test")
    session: Object = {
        "id": session_id,
        "object": "checkout.session",
        "amount_subtotal": amount,
        "amount_total": amount,
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "created": created,
        "currency": currency,
        "customer": params.get("customer"),
        "customer_email": params.get("customer_email"),
        "expires_at": expires_at,
        "livemode": False,
        "metadata": parameters.texts(params.get("metadata")),
        "mode": "payment",
        "payment_intent": None,
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "status": "open",
        "subscription": None,
        "success_url": success_url,
        "ui_mode": "hosted_page",
        "url": f"{server.base_url}/c/pay/{session_id}",
        "_intent_data": params.get("payment_intent_data") or {},
    }
    books.sessions[session_id] = session
    return session


def retrieve(books: Books, session_id: str) -> Object:
    """GET /v1/checkout/sessions/{id}."""
    try:
        return books.sessions[session_id]
    except KeyError:
        raise missing("checkout.session", session_id) from None


def expire(server: Server, books: Books, session_id: str) -> Object:
    """POST /v1/checkout/sessions/{id}/expire; only an open session can."""
    session = retrieve(books, session_id)
    if session["status"] != "open":
        raise ApiError(
            400,
            "invalid_request_error",
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {session['status']}.",
            is_saved=True,
        )
    session.update(status="expired", url=None)
    server.emit(books, "checkout.session.expired", session)
    return session


def expire_due(server: Server) -> None:
    """Expire every open session whose time is over."""
    for books in list(server.books.values()):
        for session in list(books.sessions.values()):
            if session["status"] == "open" and session["expires_at"] <= now():
                expire(server, books, session["id"])


def pay(server: Server, session_id: str, *, method: str) -> Object:
    """Pay an open session as the customer on the hosted page. Raises ApiError on a decline."""
    books, session = server.find("sessions", session_id)
    if session["status"] != "open":
        raise invalid(f"This session is {session['status']}.")
    intent = _intent(server, books, session)
    intents.confirm(server, books, intent["id"], {"payment_method": method})
    finish(server, books, session, intent)
    return session


def finish(server: Server, books: Books, session: Object, intent: Object) -> None:
    """Complete the session once its intent is paid, or is on its way."""
    if intent["status"] not in {"succeeded", "processing"}:
        return
    session["status"] = "complete"
    session["url"] = None
    session["payment_status"] = "paid" if intent["status"] == "succeeded" else "unpaid"
    server.emit(books, "checkout.session.completed", session)


def after_settling(server: Server, intent: Object) -> None:
    """Tell of a slow payment of a completed session, or finish one that was authenticated."""
    books, _ = server.find("payment_intents", intent["id"])
    for session in books.sessions.values():
        if session["payment_intent"] != intent["id"]:
            continue
        if session["status"] == "open":
            finish(server, books, session, intent)
        elif session["payment_status"] == "unpaid":
            is_paid = intent["status"] == "succeeded"
            session["payment_status"] = "paid" if is_paid else "unpaid"
            ending = "succeeded" if is_paid else "failed"
            server.emit(books, f"checkout.session.async_payment_{ending}", session)


def _intent(server: Server, books: Books, session: Object) -> Object:
    if session["payment_intent"]:
        return books.payment_intents[session["payment_intent"]]
    params = {
        **session["_intent_data"],
        "amount": str(session["amount_total"]),
        "currency": session["currency"],
    }
    intent = intents.create(server, books, params)
    session["payment_intent"] = intent["id"]
    return intent


def _total(line_items: object) -> tuple[int, str]:
    if not isinstance(line_items, list) or not line_items:
        raise invalid("Missing required param: line_items.", param="line_items")
    amount, currencies = 0, set()
    for item in line_items:
        price = item.get("price_data") or {}
        name = (price.get("product_data") or {}).get("name")
        if not name:
            raise invalid("Missing required param: product_data[name].", param="line_items")
        unit = parameters.amount(price.get("unit_amount", ""), "line_items[unit_amount]")
        amount += unit * parameters.integer(item.get("quantity", "1"), "quantity")
        currencies.add(parameters.currency(str(price.get("currency", ""))))
    if len(currencies) != 1:
        raise invalid("All line items must have one currency.", param="line_items")
    return amount, currencies.pop()
