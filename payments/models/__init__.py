"""Accounts at gateways, payments, refunds, the ledger and the sandbox's own books."""

from payments.models.account import GatewayAccount
from payments.models.ledger import LedgerEntry
from payments.models.payment import Payment
from payments.models.refund import Refund
from payments.models.sandbox import SandboxCharge, SandboxDelivery

__all__ = [
    "GatewayAccount",
    "LedgerEntry",
    "Payment",
    "Refund",
    "SandboxCharge",
    "SandboxDelivery",
]
