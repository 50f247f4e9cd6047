"""Send the sandbox's notices over real HTTP, signed, until they are accepted."""

import time

import httpx

from events import registry
from events.errors import GiveUp, Retry
from events.lanes import Lane
from payments.gateways.registry import is_sandbox_allowed
from payments.gateways.sandbox import provider
from payments.gateways.sandbox.adapter import sign
from payments.models import GatewayAccount, SandboxDelivery

TIMEOUT_SECONDS = 8.0


def send(delivery: SandboxDelivery) -> None:
    """Post one notice. Raises Retry until the merchant accepts it."""
    if not is_sandbox_allowed():
        raise GiveUp("the sandbox does not exist with these settings")
    account = GatewayAccount.objects.filter(
        gateway="sandbox", reference=delivery.account, is_active=True
    ).first()
    secrets = (account.credentials.get("webhook_secrets") or []) if account else []
    if not secrets:
        raise GiveUp("the merchant's account is gone")
    provider.settle_late(delivery)
    body, signed_at = delivery.body.encode(), str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "webhook-id": delivery.event_id,
        "webhook-timestamp": signed_at,
        "webhook-signature": "v1," + sign(secrets[0], delivery.event_id, signed_at, body),
    }
    try:
        response = httpx.post(
            delivery.url, content=body, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False
        )
    except httpx.HTTPError as error:
        raise Retry(f"no answer: {type(error).__name__}", after=2.0) from error
    if not response.is_success:
        raise Retry(f"answered {response.status_code}", after=2.0)


KIND = registry.WorkKind(
    model=SandboxDelivery, run=send, lanes=(Lane.DEFAULT,), max_attempts=lambda _row: 12
)
