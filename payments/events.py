"""Facts about payments and refunds."""

from typing_extensions import TypedDict

from events.types import EventType, NewEvent
from payments.models import Payment, Refund


class PaymentData(TypedDict):
    """A payment; amounts in minor units of the currency."""

    id: str
    payable_type: str
    payable_id: str
    contact_id: str
    purpose: str
    gateway: str
    mode: str
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    currency: str
    status: str
    failure_code: str
    is_in_review: bool
    version: int


class RefundData(TypedDict):
    """A refund; amounts in minor units of the currency."""

    id: str
    payment_id: str
    payable_type: str
    payable_id: str
    contact_id: str
    amount_minor: int
    currency: str
    status: str
    reason: str
    failure_code: str
    version: int


_PAYMENT: PaymentData = {
    "id": "pay_01kac3w1v5h0e8y2r7m4q9t6zd",
    "payable_type": "booking",
    "payable_id": "bkg_01kac3w1v5h0e8y2r7m4q9t6zd",
    "contact_id": "ctc_01kac3w1v5h0e8y2r7m4q9t6zd",
    "purpose": "deposit",
    "gateway": "stripe",
    "mode": "live",
    "amount_minor": 150000,
    "captured_minor": 150000,
    "refunded_minor": 0,
    "currency": "VND",
    "status": "succeeded",
    "failure_code": "",
    "is_in_review": False,
    "version": 4,
}
_REFUND: RefundData = {
    "id": "rfn_01kac3w1v5h0e8y2r7m4q9t6zd",
    "payment_id": "pay_01kac3w1v5h0e8y2r7m4q9t6zd",
    "payable_type": "booking",
    "payable_id": "bkg_01kac3w1v5h0e8y2r7m4q9t6zd",
    "contact_id": "ctc_01kac3w1v5h0e8y2r7m4q9t6zd",
    "amount_minor": 150000,
    "currency": "VND",
    "status": "succeeded",
    "reason": "requested_by_customer",
    "failure_code": "",
    "version": 3,
}


def _payment_type(name: str, doc: str, **changes: object) -> EventType:
    return EventType(f"payment.{name}", PaymentData, doc, {**_PAYMENT, **changes})


def _refund_type(name: str, doc: str, **changes: object) -> EventType:
    return EventType(f"refund.{name}", RefundData, doc, {**_REFUND, **changes})


_OPEN = {"captured_minor": 0, "status": "pending"}
PAYMENT_CREATED = _payment_type(
    "created", "A payment was asked for.", captured_minor=0, status="submitting"
)
PAYMENT_PENDING = _payment_type("pending", "The provider waits for the customer.", **_OPEN)
PAYMENT_REQUIRES_ACTION = _payment_type(
    "requires_action",
    "The customer's bank asks for authentication.",
    **{**_OPEN, "status": "requires_action"},
)
PAYMENT_DECLINED = _payment_type(
    "declined",
    "An attempt to pay was declined; the customer may try again.",
    **{**_OPEN, "failure_code": "insufficient_funds"},
)
PAYMENT_PROCESSING = _payment_type(
    "processing", "Money is on its way but not certain.", captured_minor=0, status="processing"
)
PAYMENT_SUCCEEDED = _payment_type("succeeded", "The money was received.")
PAYMENT_FAILED = _payment_type(
    "failed",
    "The payment failed for good.",
    captured_minor=0,
    status="failed",
    failure_code="generic_decline",
)
PAYMENT_CANCELED = _payment_type(
    "canceled", "The payment was called off.", captured_minor=0, status="canceled"
)
PAYMENT_EXPIRED = _payment_type(
    "expired", "The time to pay is over.", captured_minor=0, status="expired"
)
PAYMENT_UNCERTAIN = _payment_type(
    "uncertain",
    "The provider did not tell what happened; it is being asked.",
    captured_minor=0,
    status="submitting",
)
PAYMENT_REVIEW_OPENED = _payment_type(
    "review_opened",
    "The provider's news does not match what was asked for; a person must look.",
    captured_minor=0,
    status="pending",
    is_in_review=True,
)
PAYMENT_REVIEW_CLOSED = _payment_type("review_closed", "A person has looked.", **_OPEN)
REFUND_REQUESTED = _refund_type("requested", "A refund was asked for.", status="requested")
REFUND_SUBMITTED = _refund_type(
    "submitted", "The provider has the refund and has not finished it.", status="pending"
)
REFUND_SUCCEEDED = _refund_type("succeeded", "The money went back.")
REFUND_FAILED = _refund_type(
    "failed", "The money did not go back.", status="failed", failure_code="unknown"
)

TYPES = (
    PAYMENT_CREATED,
    PAYMENT_PENDING,
    PAYMENT_REQUIRES_ACTION,
    PAYMENT_DECLINED,
    PAYMENT_PROCESSING,
    PAYMENT_SUCCEEDED,
    PAYMENT_FAILED,
    PAYMENT_CANCELED,
    PAYMENT_EXPIRED,
    PAYMENT_UNCERTAIN,
    PAYMENT_REVIEW_OPENED,
    PAYMENT_REVIEW_CLOSED,
    REFUND_REQUESTED,
    REFUND_SUBMITTED,
    REFUND_SUCCEEDED,
    REFUND_FAILED,
)
BY_STATUS = {
    "pending": PAYMENT_PENDING,
    "requires_action": PAYMENT_REQUIRES_ACTION,
    "processing": PAYMENT_PROCESSING,
    "succeeded": PAYMENT_SUCCEEDED,
    "failed": PAYMENT_FAILED,
    "canceled": PAYMENT_CANCELED,
    "expired": PAYMENT_EXPIRED,
}
REFUND_BY_STATUS = {
    "pending": REFUND_SUBMITTED,
    "requires_action": REFUND_SUBMITTED,
    "succeeded": REFUND_SUCCEEDED,
    "failed": REFUND_FAILED,
    "canceled": REFUND_FAILED,
}


def payment_payload(payment: Payment) -> PaymentData:
    """Return the facts of a payment that may leave the product."""
    return {
        "id": payment.public_id,
        "payable_type": payment.payable_type,
        "payable_id": payment.payable_id,
        "contact_id": payment.contact.public_id if payment.contact else "",
        "purpose": payment.purpose,
        "gateway": payment.gateway_account.gateway,
        "mode": payment.gateway_account.mode,
        "amount_minor": payment.amount_minor,
        "captured_minor": payment.captured_minor,
        "refunded_minor": payment.refunded_minor,
        "currency": payment.currency,
        "status": payment.status,
        "failure_code": payment.failure_code,
        "is_in_review": payment.is_in_review,
        "version": payment.version,
    }


def refund_payload(refund: Refund) -> RefundData:
    """Return the facts of a refund that may leave the product."""
    payment = refund.payment
    return {
        "id": refund.public_id,
        "payment_id": payment.public_id,
        "payable_type": payment.payable_type,
        "payable_id": payment.payable_id,
        "contact_id": payment.contact.public_id if payment.contact else "",
        "amount_minor": refund.amount_minor,
        "currency": refund.currency,
        "status": refund.status,
        "reason": refund.reason,
        "failure_code": refund.failure_code,
        "version": refund.version,
    }


def payment_event(kind: EventType, payment: Payment, *, actor: str = "") -> NewEvent:
    """Return a fact about the payment as it is now."""
    return NewEvent(
        kind, payment.business.public_id, payment.public_id, payment_payload(payment), actor
    )


def refund_event(kind: EventType, refund: Refund, *, actor: str = "") -> NewEvent:
    """Return a fact about the refund as it is now."""
    return NewEvent(
        kind,
        refund.payment.business.public_id,
        refund.public_id,
        refund_payload(refund),
        actor,
    )
