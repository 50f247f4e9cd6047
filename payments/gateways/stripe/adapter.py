"""The calls we make to Stripe.

A PaymentIntent serves the embedded flow, a Checkout session the hosted one; a session's intent
carries our reference too, so notices of either lead to the same payment.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from common.money import Money
from payments.gateways.base import (
    Account,
    GatewayEvent,
    GatewayRefused,
    Order,
    PaymentFacts,
    Progress,
    ProviderIds,
    RefundFacts,
    Started,
)
from payments.gateways.stripe import facts, notices
from payments.gateways.stripe.client import client_for, translated
from webhooks.sources import InboundRequest, Reply

# Checkout takes 30 minutes at least; one more pays for clocks that differ.
SESSION_MINUTES = 31
LARGEST_AMOUNT = 99_999_999
# How far back and how deep a payment is looked for whose start was never answered.
_SLACK_SECONDS = 300
_PAGES = 5


class StripeGateway:
    """Stripe, for a business's own account or a connected one."""

    code = "stripe"
    name = "Stripe"
    flows = frozenset({"embedded", "hosted"})
    methods = frozenset({"POST"})

    def start(self, account: Account, order: Order) -> Started:
        """Create the PaymentIntent or the Checkout session."""
        if order.amount.minor > LARGEST_AMOUNT:
            raise GatewayRefused("amount_too_large")
        if order.flow == "hosted":
            return self._start_session(account, order)
        params: Any = {
            "amount": order.amount.minor,
            "currency": order.amount.currency.lower(),
            "automatic_payment_methods": {"enabled": True},
            "description": order.description,
            "metadata": {"payment": order.reference},
        }
        with translated():
            intent = client_for(account).v1.payment_intents.create(
                params=params, options={"idempotency_key": order.idempotency_key}
            )
            told = facts.intent_facts(intent.to_dict())
            return Started(told.ids, told.progress, client_secret=str(intent.client_secret))

    def _start_session(self, account: Account, order: Order) -> Started:
        # Stripe demands an address to come back to.
        return_url = order.return_url or settings.SITE_URL
        joint = "&" if "?" in return_url else "?"
        params: Any = {
            "mode": "payment",
            "line_items": [
                {
                    "price_data": {
                        "currency": order.amount.currency.lower(),
                        "unit_amount": order.amount.minor,
                        "product_data": {"name": order.description or order.reference},
                    },
                    "quantity": 1,
                }
            ],
            "success_url": return_url,
            "cancel_url": f"{return_url}{joint}canceled=1",
            "client_reference_id": order.reference,
            "metadata": {"payment": order.reference},
            "payment_intent_data": {"metadata": {"payment": order.reference}},
            # From the row, not from the clock: a repeated call must ask for exactly the same.
            "expires_at": int(self._session_ends(order).timestamp()),
        }
        if order.customer_email:
            params["customer_email"] = order.customer_email
        with translated():
            session = client_for(account).v1.checkout.sessions.create(
                params=params, options={"idempotency_key": order.idempotency_key}
            )
            told = facts.session_facts(session.to_dict())
            return Started(told.ids, told.progress, checkout_url=str(session.url))

    @staticmethod
    def _session_ends(order: Order) -> datetime:
        earliest = order.created_at + timedelta(minutes=SESSION_MINUTES)
        return max(order.expires_at, earliest) if order.expires_at else earliest

    def query(self, account: Account, ids: ProviderIds) -> PaymentFacts:
        """Retrieve the session, and its intent once there is one."""
        with translated():
            client = client_for(account).v1
            if ids.session_id:
                session = client.checkout.sessions.retrieve(ids.session_id).to_dict()
                told = facts.session_facts(session, is_asked=True)
                if told.progress is not Progress.SUCCEEDED or not told.ids.payment_id:
                    return told
                ids = told.ids
            intent = client.payment_intents.retrieve(ids.payment_id).to_dict()
            return facts.intent_facts(intent, session_id=ids.session_id, is_asked=True)

    def find(self, account: Account, order: Order) -> PaymentFacts | None:
        """Walk the newest objects since the order was made and match our reference."""
        since = int(order.created_at.timestamp()) - _SLACK_SECONDS
        params: Any = {"limit": 100, "created": {"gte": since}}
        with translated():
            client = client_for(account).v1
            rows: Any = (
                client.checkout.sessions.list(params=params)
                if order.flow == "hosted"
                else client.payment_intents.list(params=params)
            )
            for _ in range(_PAGES):
                for row in rows.data:
                    told = self._facts_of(row.to_dict())
                    if told.reference == order.reference:
                        return told
                if not rows.has_more:
                    break
                rows = rows.next_page()
        return None

    @staticmethod
    def _facts_of(row: dict[str, Any]) -> PaymentFacts:
        if row.get("object") == "checkout.session":
            return facts.session_facts(row, is_asked=True)
        return facts.intent_facts(row, is_asked=True)

    def cancel(self, account: Account, ids: ProviderIds) -> PaymentFacts:
        """Expire the session or cancel the intent; one that is paid already is told as paid."""
        try:
            with translated():
                client = client_for(account).v1
                if ids.session_id:
                    client.checkout.sessions.expire(ids.session_id)
                else:
                    client.payment_intents.cancel(ids.payment_id)
        except GatewayRefused as error:
            if error.code == "credentials_refused":
                raise
        return self.query(account, ids)

    def refund(
        self,
        account: Account,
        ids: ProviderIds,
        *,
        amount: Money,
        reference: str,
        idempotency_key: str,
    ) -> RefundFacts:
        """Create the refund; on a connected account the transfer goes back as well."""
        params: Any = {
            "payment_intent": ids.payment_id,
            "amount": amount.minor,
            "metadata": {"refund": reference},
        }
        with translated():
            refund = client_for(account).v1.refunds.create(
                params=params, options={"idempotency_key": idempotency_key}
            )
            return facts.refund_facts(refund.to_dict())

    def query_refund(
        self, account: Account, ids: ProviderIds, *, refund_id: str, reference: str
    ) -> RefundFacts | None:
        """Retrieve the refund, or look through those of its payment."""
        with translated():
            client = client_for(account).v1
            if refund_id:
                return facts.refund_facts(client.refunds.retrieve(refund_id).to_dict())
            rows = client.refunds.list({"payment_intent": ids.payment_id, "limit": 100})
            for row in rows.data:
                told = facts.refund_facts(row.to_dict())
                if told.reference == reference:
                    return told
        return None

    def check(self, account: Account) -> str:
        """Read the balance (needs the key) and the account's own id."""
        with translated():
            client = client_for(account).v1
            balance = client.balance.retrieve()
            if bool(balance.livemode) != account.is_live:
                raise GatewayRefused("wrong_mode")
            return str(client.accounts.retrieve_current().id)

    def secrets(self, account: Account) -> tuple[str, ...]:
        """Return the endpoint's signing secrets."""
        return tuple(str(item) for item in account.credentials.get("webhook_secrets", ()) if item)

    def verify(self, request: InboundRequest, secrets: tuple[str, ...]) -> None:
        """Prove a notice."""
        notices.verify(request, secrets)

    def parse(self, body: bytes) -> GatewayEvent:
        """Translate a notice."""
        return notices.parse(body)

    def reply(self) -> Reply:
        """Any 2xx will do."""
        return Reply()
