"""Gateway accounts: connected, changed, put out of use."""

from typing import Any

from django.db import transaction

from accounts import actions as accounts
from accounts.models import Business
from payments.gateways import registry
from payments.models import GatewayAccount


@transaction.atomic
def connect_gateway_account(
    *,
    business: Business | None,
    gateway: str,
    credentials: dict[str, Any],
    mode: str = "test",
    reference: str = "",
    label: str = "",
    priority: int = 0,
    actor: str = "",
) -> GatewayAccount:
    """Store the account at a gateway that takes the business's money; None: the platform's own.

    An active account of the same gateway is changed, not doubled, so this repeats safely. The
    caller has checked the credentials by a live call (provider_calls.check_credentials), which
    yields `reference`. Raises UnknownGateway.
    """
    registry.get(gateway)
    account = (
        GatewayAccount.objects.select_for_update()
        .filter(business=business, gateway=gateway, is_active=True)
        .first()
    )
    if account is None:
        account = GatewayAccount(business=business, gateway=gateway)
    account.credentials, account.mode = credentials, mode
    account.label, account.priority = label, priority
    account.reference = reference or account.reference
    account.save()
    if not account.reference:
        account.reference = account.endpoint_id
        account.save(update_fields=["reference"])
    accounts.record_audit(
        actor=actor,
        action="gateway_account.connect",
        subject=account.public_id,
        business=business.public_id if business else "",
        after={"gateway": gateway, "mode": mode, "reference": account.reference},
    )
    return account


@transaction.atomic
def disable_gateway_account(*, account_id: str, actor: str, reason: str = "") -> GatewayAccount:
    """Take no new payments through the account; its notices are still heard. Repeats safely."""
    account = GatewayAccount.objects.select_for_update().get(public_id=account_id)
    if account.is_active:
        account.is_active = False
        account.save(update_fields=["is_active", "updated_at"])
        accounts.record_audit(
            actor=actor,
            action="gateway_account.disable",
            subject=account.public_id,
            business=account.business.public_id if account.business else "",
            reason=reason,
        )
    return account
