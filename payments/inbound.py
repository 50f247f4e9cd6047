"""Gateways as sources of the inbound door."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.utils import timezone

from payments import actions, queries
from payments.gateways import registry
from payments.gateways.base import GatewayEvent, PaymentFacts, RefundFacts
from payments.matching import refund_mismatch
from payments.models import GatewayAccount, Payment, Refund
from webhooks.errors import UnknownEndpoint
from webhooks.models import InboundEvent
from webhooks.sources import Endpoint, InboundRequest, Notice, Receipt, Reply


class GatewaySource:
    """One gateway's side of the door; it needs the adapter only once something arrives."""

    def __init__(self, code: str, methods: frozenset[str] = frozenset({"POST"})) -> None:
        """`code` is the gateway's, `methods` are those its notices come by."""
        self.code = code
        self.methods = methods

    def endpoint(self, endpoint_id: str) -> Endpoint | None:
        """Read the account behind an endpoint; '' is the platform's own."""
        rows = GatewayAccount.objects.select_related("business").filter(gateway=self.code)
        rows = (
            rows.filter(endpoint_id=endpoint_id)
            if endpoint_id
            else rows.filter(business=None, is_active=True)
        )
        account = rows.first()
        if account is None:
            return None
        return Endpoint(
            account=account.public_id,
            business=account.business.public_id if account.business else "",
            secrets=registry.get(self.code).secrets(queries.adapter_account(account)),
        )

    def verify(self, request: InboundRequest, endpoint: Endpoint) -> None:
        """Prove the raw request."""
        registry.get(self.code).verify(request, endpoint.secrets)

    def name(self, request: InboundRequest) -> Notice:
        """Read id and type."""
        event = registry.get(self.code).parse(request.body)
        return Notice(event_id=event.event_id, type=event.type, content=request.body)

    def reply(self, notice: Notice, receipt: Receipt) -> Reply:
        """Answer as the provider expects."""
        return registry.get(self.code).reply()

    def reply_forged(self) -> Reply | None:
        """Answer 403."""
        return None

    def process(self, event: InboundEvent) -> str:
        """Apply a stored notice; returns applied, ignored, unknown_payment or unknown_refund."""
        try:
            gateway = registry.get(event.provider)
        except registry.UnknownGateway as error:
            raise UnknownEndpoint from error
        return apply_event(gateway.parse(bytes(event.body)), account_id=event.account)


@cache
def source_of(code: str) -> GatewaySource:
    """Return the one source object of a gateway, however often the registries are filled."""
    return GatewaySource(code, registry.get(code).methods)


def apply_event(event: GatewayEvent, *, account_id: str) -> str:
    """Apply a verified notice of one gateway account. Repeats change nothing."""
    if event.payment is not None:
        return _apply_payment(event.payment, account_id)
    if event.refund is not None:
        return _apply_refund(event.refund, account_id)
    return "ignored"


def _apply_payment(facts: PaymentFacts, account_id: str) -> str:
    payment = _payment(account_id, facts.reference, facts.ids.payment_id, facts.ids.session_id)
    if payment is None:
        return "unknown_payment"
    actions.apply_provider_status(payment_id=payment, facts=facts, now=timezone.now())
    return "applied"


def _apply_refund(facts: RefundFacts, account_id: str) -> str:
    payment_id = _payment(account_id, "", facts.payment.payment_id, "")
    if payment_id is None:
        return "unknown_payment"
    payment = queries.find_payment(payment_id)
    if payment is None or refund_mismatch(payment, facts):
        return "ignored"
    refunds: Any = Refund.objects.filter(payment=payment)
    found: Sequence[str] = [
        *refunds.filter(public_id=facts.reference).values_list("public_id", flat=True),
        *refunds.filter(provider_id=facts.refund_id).values_list("public_id", flat=True),
    ]
    now = timezone.now()
    if found:
        actions.apply_refund_status(refund_id=found[0], facts=facts, now=now)
        return "applied"
    made = actions.record_external_refund(payment_id=payment_id, facts=facts, now=now)
    if made is None:
        return "unknown_refund"
    actions.apply_refund_status(refund_id=made.public_id, facts=facts, now=now)
    return "applied"


def _payment(account_id: str, reference: str, provider_id: str, session_id: str) -> str | None:
    """Find the payment of this account by our reference, else by the provider's ids."""
    rows = Payment.objects.filter(gateway_account__public_id=account_id)
    for name, value in (
        ("public_id", reference),
        ("provider_id", provider_id),
        ("provider_session_id", session_id),
    ):
        if value:
            found = rows.filter(**{name: value}).values_list("public_id", flat=True).first()
            if found:
                return found
    return None
