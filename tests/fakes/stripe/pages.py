"""The pages a customer sees at Stripe: hosted Checkout and the bank's 3-D Secure step."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from . import checkout, intents
from .errors import ApiError
from .state import Object, Server

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><main><h1>{title}</h1>{body}</main></body></html>"""


class Redirect(Exception):
    """Answer 303 to `url`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def checkout_page(server: Server, session_id: str, *, notice: str = "") -> str:
    """GET /c/pay/{id}."""
    _, session = server.find("sessions", session_id)
    if session["status"] != "open":
        return _PAGE.format(title="Checkout", body="<p>This page has expired.</p>")
    amount = f"{session['amount_total']} {session['currency'].upper()}"
    alert = f'<p role="alert">{escape(notice)}</p>' if notice else ""
    buttons = "".join(
        f'<button name="payment_method" value="{value}">{label}</button> '
        for value, label in (
            ("pm_card_visa", "Pay"),
            ("pm_card_visa_chargeDeclined", "Pay with a declined card"),
            ("pm_card_threeDSecure2Required", "Pay with 3-D Secure"),
        )
    )
    back = f'<a href="{escape(session["cancel_url"] or "#")}">Back</a>'
    body = f'<p id="amount">{amount}</p>{alert}<form method="post">{buttons}</form>{back}'
    return _PAGE.format(title="Checkout", body=body)


def checkout_post(server: Server, session_id: str, form: dict[str, str]) -> str:
    """POST /c/pay/{id}: pay and go on, or stay with the reason."""
    try:
        session = checkout.pay(server, session_id, method=form.get("payment_method", ""))
    except ApiError as error:
        return checkout_page(server, session_id, notice=error.body["error"]["message"])
    books, _ = server.find("sessions", session_id)
    intent = books.payment_intents[session["payment_intent"]]
    if intent["status"] == "requires_action":
        after = f"{server.base_url}/c/pay/{session_id}/done"
        raise Redirect(f"{server.base_url}/3ds/{intent['id']}?return_url={quote(after, safe='')}")
    raise Redirect(_success(session))


def checkout_done(server: Server, session_id: str) -> str:
    """GET /c/pay/{id}/done: where the bank's page returns to."""
    _, session = server.find("sessions", session_id)
    if session["status"] == "complete":
        raise Redirect(_success(session))
    return checkout_page(server, session_id, notice="Authentication failed.")


def bank_page(intent_id: str) -> str:
    """GET /3ds/{intent}: the bank asks the customer."""
    buttons = (
        '<button name="outcome" value="pass">Complete authentication</button> '
        '<button name="outcome" value="fail">Fail authentication</button>'
    )
    body = f"<p>{escape(intent_id)}</p><form method='post'>{buttons}</form>"
    return _PAGE.format(title="3-D Secure", body=body)


def bank_post(server: Server, intent_id: str, form: dict[str, str], return_url: str) -> str:
    """POST /3ds/{intent}: the customer's answer."""
    _, before = server.find("payment_intents", intent_id)
    action = before["next_action"] or {}
    target = return_url or (action.get("redirect_to_url") or {}).get("return_url") or ""
    intent = intents.authenticate(server, intent_id, is_passed=form.get("outcome") == "pass")
    checkout.after_settling(server, intent)
    if target:
        raise Redirect(target)
    return _PAGE.format(title="3-D Secure", body=f"<p>{intent['status']}</p>")


def _success(session: Object) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
