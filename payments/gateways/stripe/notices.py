"""Stripe's signed notices.

Header `Stripe-Signature: t=<unix>,v1=<hex>[,v1=…]`; signed text `<t>.<raw body>`, HMAC-SHA256 with
the whole secret as text. Source: docs.stripe.com/webhooks/signature.
"""

import hashlib
import hmac

from payments.gateways.base import GatewayEvent
from payments.gateways.stripe import facts
from webhooks import signatures
from webhooks.errors import BadSignature, MalformedNotice
from webhooks.parsing import parse_object
from webhooks.sources import InboundRequest


def verify(request: InboundRequest, secrets: tuple[str, ...]) -> None:
    """Prove a notice. Raises BadSignature, StaleSignature."""
    parts = [
        item.partition("=")[::2] for item in request.headers.get("stripe-signature", "").split(",")
    ]
    times = [value for name, value in parts if name.strip() == "t"]
    given = [value for name, value in parts if name.strip() == "v1"]
    if len(times) != 1 or not given or not secrets:
        raise BadSignature
    text = times[0].encode() + b"." + request.body
    expected = [hmac.new(key.encode(), text, hashlib.sha256).hexdigest() for key in secrets]
    signatures.check_digest(expected, given)
    signatures.check_time(times[0], now=request.received_at)


def parse(body: bytes) -> GatewayEvent:
    """Translate a notice. Raises MalformedNotice."""
    event = parse_object(body)
    event_id, kind = event.get("id"), event.get("type")
    obj = event.get("data", {}).get("object") if isinstance(event.get("data"), dict) else None
    if not isinstance(event_id, str) or not isinstance(kind, str) or not isinstance(obj, dict):
        raise MalformedNotice
    account = event.get("account")
    account = account if isinstance(account, str) else ""
    payment = refund = None
    try:
        if kind.startswith("payment_intent."):
            payment = facts.intent_facts(obj, account=account)
        elif kind.startswith("checkout.session.") and obj.get("mode") == "payment":
            payment = facts.session_facts(obj, account=account)
        elif kind.startswith("refund."):
            refund = facts.refund_facts(obj, account=account, is_live=event.get("livemode"))
    except (AttributeError, TypeError, ValueError) as error:
        raise MalformedNotice from error
    return GatewayEvent(event_id[:255], kind[:120], payment, refund)
