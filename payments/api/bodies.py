"""What the endpoints answer: the shapes, and the functions that fill them."""

from typing import Annotated

from pydantic import Field

from common.bodies import Instant
from payments.events import PaymentData, RefundData, payment_payload, refund_payload
from payments.models import Payment, Refund


class PaymentBody(PaymentData):
    """A payment. Amounts are whole minor units of `currency`."""

    business: str
    flow: Annotated[str, Field(json_schema_extra={"enum": list(Payment.Flow.values)})]
    is_being_checked: Annotated[
        bool, Field(description="The provider has yet to tell; do not pay again.")
    ]
    expires_at: Annotated[Instant | None, Field(description="To be paid by then.")]
    created_at: Instant


class StartedPaymentBody(PaymentBody):
    """A payment that waits for the customer: on the page, or at the provider's."""

    client_secret: Annotated[str | None, Field(description="For the provider's form on the page.")]
    publishable_key: Annotated[str | None, Field(description="For the same form.")]
    checkout_url: Annotated[str | None, Field(description="Where to send the customer.")]


class RefundBody(RefundData):
    """Money on its way back. Amounts are whole minor units of `currency`."""

    requested_at: Instant


def payment_body(payment: Payment) -> PaymentBody:
    """Return the payment for those who may view it; needs business, contact and account."""
    return {
        **payment_payload(payment),
        "business": payment.business.public_id,
        "flow": payment.flow,
        "is_being_checked": payment.is_being_checked,
        "expires_at": payment.expires_at.isoformat() if payment.expires_at else None,
        "created_at": payment.created_at.isoformat(),
    }


def started_body(payment: Payment) -> StartedPaymentBody:
    """Return the payment with what is needed to pay it, for those who may."""
    is_open = payment.is_open
    key = payment.gateway_account.credentials.get("publishable_key", "") if is_open else ""
    return {
        **payment_body(payment),
        "client_secret": (payment.client_secret or None) if is_open else None,
        "publishable_key": key or None,
        "checkout_url": (payment.checkout_url or None) if is_open else None,
    }


def refund_body(refund: Refund) -> RefundBody:
    """Return the refund for those who may view it; needs its payment and contact."""
    return {**refund_payload(refund), "requested_at": refund.requested_at.isoformat()}
