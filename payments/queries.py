"""Reads of payments, refunds and accounts."""

from django.db.models import QuerySet

from accounts.policy import Actor, visible_to
from common.money import Money
from payments.errors import NoGateway
from payments.gateways import registry
from payments.gateways.base import Account
from payments.models import GatewayAccount, Payment, Refund


def find_payment(public_id: str) -> Payment | None:
    """Return the payment as it is now."""
    return (
        Payment.objects.select_related("business", "contact", "gateway_account")
        .filter(public_id=public_id)
        .first()
    )


def find_refund(public_id: str) -> Refund | None:
    """Return the refund as it is now."""
    return (
        Refund.objects.select_related("payment__business", "payment__contact")
        .filter(public_id=public_id)
        .first()
    )


def visible_payments(actor: Actor) -> QuerySet[Payment]:
    """Return the payments the actor may see, newest first."""
    rows = Payment.objects.select_related("business", "contact", "gateway_account")
    return visible_to(actor, rows).order_by("-id")


def payments_of(*, payable_type: str, payable_id: str) -> QuerySet[Payment]:
    """Return the payments of one payable, newest first."""
    return (
        Payment.objects.filter(payable_type=payable_type, payable_id=payable_id)
        .select_related("gateway_account", "contact", "business")
        .prefetch_related("refunds")
        .order_by("-id")
    )


def paid_total(*, payable_type: str, payable_id: str, currency: str) -> Money:
    """Return what was received for a payable, less what went back."""
    rows = Payment.objects.filter(
        payable_type=payable_type, payable_id=payable_id, currency=currency
    ).values_list("captured_minor", "refunded_minor")
    return Money(sum(captured - refunded for captured, refunded in rows), currency)


def gateway_accounts(*, business_id: int) -> list[GatewayAccount]:
    """Return the accounts a business can be paid through, in its order of choice."""
    rows = GatewayAccount.objects.filter(
        business_id=business_id, is_active=True, gateway__in=registry.codes()
    )
    return list(rows.order_by("priority", "id"))


def choose_account(*, business_id: int, gateway: str = "", flow: str = "") -> GatewayAccount:
    """Return the account to use: of the gateway asked for, else the first that knows the flow.

    Raises NoGateway.
    """
    for account in gateway_accounts(business_id=business_id):
        if gateway and account.gateway != gateway:
            continue
        if not flow or flow in registry.get(account.gateway).flows:
            return account
    raise NoGateway


def adapter_account(account: GatewayAccount) -> Account:
    """Return the account as adapters see it."""
    return Account(
        reference=account.reference,
        is_live=account.mode == GatewayAccount.Mode.LIVE,
        endpoint_id=account.endpoint_id,
        credentials=account.credentials,
    )


def default_flow(account: GatewayAccount) -> str:
    """Return the flow to use when nobody chose: on our page where the gateway can."""
    flows = registry.get(account.gateway).flows
    return "embedded" if "embedded" in flows else "hosted"
