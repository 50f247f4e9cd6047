"""What follows from payments by itself: questions to providers, expiry, submitting refunds."""

from django.utils import timezone

from events import registry
from events.errors import Retry
from events.lanes import Lane
from payments import actions, provider_calls
from payments.actions import schedules
from payments.gateways.base import GatewayError


@registry.state(schedules.CHECK_PAYMENT, lane=Lane.DEFAULT)
def check_payment(subject: str) -> None:
    """Ask the provider where the payment stands."""
    provider_calls.check_payment(payment_id=subject)


@registry.state(schedules.EXPIRE_PAYMENT, lane=Lane.CRITICAL)
def expire_payment(subject: str) -> None:
    """End the chance to pay."""
    actions.expire_payment(payment_id=subject, now=timezone.now())


@registry.state(
    "payments.stop_at_provider",
    on=("payment.expired", "payment.canceled"),
    lane=Lane.DEFAULT,
)
def stop_at_provider(subject: str) -> None:
    """Close the provider's page or intent too."""
    try:
        provider_calls.stop_at_provider(payment_id=subject)
    except GatewayError as error:
        raise Retry(error.code) from error


@registry.state(schedules.CHECK_REFUND, lane=Lane.DEFAULT)
def check_refund(subject: str) -> None:
    """Submit the refund, or ask where it stands."""
    provider_calls.submit_refund(refund_id=subject)


REACTIONS = (check_payment, expire_payment, stop_at_provider, check_refund)
