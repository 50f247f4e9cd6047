"""The merchant's side of the sandbox: calls into its books, and its signed notices.

Notices are signed as Standard Webhooks are: headers `webhook-id`, `webhook-timestamp` and
`webhook-signature: v1,<base64>` over `<id>.<timestamp>.<body>`, HMAC-SHA256.
"""

import base64
import hmac
from typing import Any

from django.conf import settings
from django.urls import reverse

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
from payments.gateways.sandbox import provider
from webhooks import signatures
from webhooks.errors import BadSignature, MalformedNotice
from webhooks.parsing import parse_object
from webhooks.sources import InboundRequest, Reply


class SandboxGateway:
    """Hosted page only; every outcome is a button."""

    code = "sandbox"
    name = "Sandbox"
    flows = frozenset({"hosted"})
    methods = frozenset({"POST"})

    def start(self, account: Account, order: Order) -> Started:
        """Open a charge with its hosted page."""
        charge = provider.open_charge(
            account=account.reference,
            reference=order.reference,
            idempotency_key=order.idempotency_key,
            amount=order.amount,
            description=order.description,
            notify_url=settings.SITE_URL
            + reverse("inbound_webhook_endpoint", args=[self.code, account.endpoint_id]),
            return_url=order.return_url,
            expires_at=order.expires_at,
        )
        return Started(
            ProviderIds(charge.provider_id),
            Progress.PENDING,
            checkout_url=_page(charge.provider_id),
        )

    def query(self, account: Account, ids: ProviderIds) -> PaymentFacts:
        """Ask the books."""
        told = provider.describe(account=account.reference, provider_id=ids.payment_id)
        if told is None:
            raise GatewayRefused("resource_missing")
        return _payment(told, is_asked=True)

    def find(self, account: Account, order: Order) -> PaymentFacts | None:
        """Look the reference up in the books."""
        told = provider.describe(account=account.reference, reference=order.reference)
        return _payment(told, is_asked=True) if told else None

    def cancel(self, account: Account, ids: ProviderIds) -> PaymentFacts:
        """Close the hosted page."""
        provider.close_charge(account=account.reference, provider_id=ids.payment_id)
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
        """Enter a refund into the books."""
        told = provider.refund(
            account=account.reference,
            provider_id=ids.payment_id,
            amount=amount,
            reference=reference,
            idempotency_key=idempotency_key,
        )
        if told is None:
            raise GatewayRefused("not_refundable")
        return _refund(told)

    def query_refund(
        self, account: Account, ids: ProviderIds, *, refund_id: str, reference: str
    ) -> RefundFacts | None:
        """Ask the books for a refund."""
        told = provider.find_refund(
            account=account.reference, provider_id=ids.payment_id, reference=reference
        )
        return _refund(told) if told else None

    def check(self, account: Account) -> str:
        """Return the account's name, which follows from its signing secret; test mode only."""
        if account.is_live:
            raise GatewayRefused("wrong_mode")
        if not self.secrets(account):
            raise GatewayRefused("no_signing_secret")
        return provider.account_name(self.secrets(account)[0])

    def secrets(self, account: Account) -> tuple[str, ...]:
        """Return every live signing secret."""
        return tuple(str(item) for item in account.credentials.get("webhook_secrets", ()) if item)

    def verify(self, request: InboundRequest, secrets: tuple[str, ...]) -> None:
        """Prove a notice. Raises BadSignature, StaleSignature."""
        notice_id = request.headers.get("webhook-id", "")
        signed_at = request.headers.get("webhook-timestamp", "")
        given = [
            mark.removeprefix("v1,")
            for mark in request.headers.get("webhook-signature", "").split()
            if mark.startswith("v1,")
        ]
        if not notice_id or not given or not secrets:
            raise BadSignature
        signatures.check_digest(
            [sign(secret, notice_id, signed_at, request.body) for secret in secrets], given
        )
        signatures.check_time(signed_at, now=request.received_at)

    def parse(self, body: bytes) -> GatewayEvent:
        """Translate a notice. Raises MalformedNotice."""
        value = parse_object(body)
        data = value.get("data")
        if not isinstance(data, dict) or not isinstance(value.get("id"), str):
            raise MalformedNotice
        kind = str(value.get("type", ""))[:120]
        try:
            if kind.startswith("payment."):
                return GatewayEvent(value["id"][:255], kind, payment=_payment(data))
            if kind.startswith("refund."):
                return GatewayEvent(value["id"][:255], kind, refund=_refund(data))
        except (KeyError, TypeError, ValueError) as error:
            raise MalformedNotice from error
        return GatewayEvent(value["id"][:255], kind)

    def reply(self) -> Reply:
        """Any 2xx will do."""
        return Reply()


def sign(secret: str, notice_id: str, signed_at: str, body: bytes) -> str:
    """Return the base64 digest of a notice."""
    text = f"{notice_id}.{signed_at}.".encode() + body
    return base64.b64encode(hmac.digest(secret.encode(), text, "sha256")).decode()


_PROGRESS = {
    "open": Progress.PENDING,
    "paid": Progress.SUCCEEDED,
    "declined": Progress.FAILED,
    "closed": Progress.CANCELED,
}


def _payment(told: dict[str, Any], *, is_asked: bool = False) -> PaymentFacts:
    status = str(told["status"])
    progress = _PROGRESS.get(status, Progress.UNKNOWN)
    return PaymentFacts(
        progress=progress,
        ids=ProviderIds(str(told["id"])[:255]),
        reference=str(told["reference"]),
        amount=Money(told["amount"], told["currency"]),
        account=str(told["account"]),
        is_live=False,
        movement=str(told["id"])[:255] if progress is Progress.SUCCEEDED else "",
        decline_code="declined" if progress is Progress.FAILED else "",
        is_asked=is_asked,
        raw_status=status[:40],
        checkout_url=_page(str(told["id"])) if progress is Progress.PENDING else "",
    )


def _page(provider_id: str) -> str:
    path = reverse("sandbox_page", args=[provider_id.removeprefix("sbx_")])
    return f"{settings.SITE_URL}{path}"


def _refund(told: dict[str, Any]) -> RefundFacts:
    return RefundFacts(
        progress=Progress.SUCCEEDED if told["status"] == "succeeded" else Progress.UNKNOWN,
        refund_id=str(told["id"])[:255],
        payment=ProviderIds(str(told["payment"])[:255]),
        reference=str(told["reference"]),
        amount=Money(told["amount"], told["currency"]),
        account=str(told["account"]),
        is_live=False,
        raw_status=str(told["status"])[:40],
    )
