"""Every write to payments, refunds, the ledger and gateway accounts.

Nothing outside this package saves them. No action talks to a provider: provider_calls.py does,
between two of them. Lock order: the payable's own locks, payment, refund, ledger.
"""

from payments.actions.accounts import connect_gateway_account, disable_gateway_account
from payments.actions.reconciling import reconcile_payments
from payments.actions.refunding import (
    apply_refund_status,
    mark_refund_refused,
    mark_refund_submitted,
    mark_refund_uncertain,
    record_external_refund,
    request_refund,
)
from payments.actions.reviewing import open_review, resolve_review
from payments.actions.settling import apply_provider_status, settle_payment
from payments.actions.starting import (
    create_payment,
    mark_payment_refused,
    mark_payment_started,
    mark_payment_uncertain,
)
from payments.actions.stopping import cancel_payment, expire_payment

__all__ = [
    "apply_provider_status",
    "apply_refund_status",
    "cancel_payment",
    "connect_gateway_account",
    "create_payment",
    "disable_gateway_account",
    "expire_payment",
    "mark_payment_refused",
    "mark_payment_started",
    "mark_payment_uncertain",
    "mark_refund_refused",
    "mark_refund_submitted",
    "mark_refund_uncertain",
    "open_review",
    "reconcile_payments",
    "record_external_refund",
    "request_refund",
    "resolve_review",
    "settle_payment",
]
