"""What can be paid for: a registry of payables, filled in `apps.py: ready()`.

A payable decides what paying means (a booking is confirmed, an invoice settled). It runs inside
the payment's transaction, so the money and its effect stand or fall together, except for a
refusal: that undoes the effect alone and opens a refund.

Lock order: `lock()` takes the payable's own locks (calendar, session, booking) before the payment
row is locked, so every method below may rely on them and must lock nothing that comes earlier.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from common.errors import Conflict, NotFound
from common.money import Money


class PayableMissing(NotFound):
    """Nothing payable has this id."""


class PayableRefused(Conflict):
    """The payable cannot take this money (any more); paid money is then refunded once."""

    code = "NOT_PAYABLE"


@dataclass(frozen=True, slots=True)
class Quote:
    """What the payable asks for now. `expires_at` (aware UTC) ends the chance to pay; None: never.

    `description` is the line the customer sees at the provider, in the customer's language.
    """

    business_id: int
    contact_id: int | None
    amount: Money
    description: str
    expires_at: datetime | None = None
    customer_email: str = ""
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class PaidMoney:
    """Money that arrived. `purpose` is one of Payment.Purpose; `paid_at` is aware UTC."""

    payment_id: str
    purpose: str
    amount: Money
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class RefundedMoney:
    """Money that went back. `refunded_total` counts every succeeded refund of the payment."""

    payment_id: str
    refund_id: str
    amount: Money
    refunded_total: Money
    reason: str


class Payable(Protocol):
    """One kind of thing that can be paid for; ids are public ids."""

    type: str

    def lock(self, *, payable_id: str) -> None:
        """Lock the payable's rows in the global order. Raises PayableMissing."""

    def quote(self, *, payable_id: str, purpose: str) -> Quote:
        """Return what is to be paid, under the lock. Raises PayableRefused when nothing is."""

    def paid(self, *, payable_id: str, money: PaidMoney) -> None:
        """Take the money: fulfil. Raises PayableRefused; the caller then refunds.

        Called once a payment, under the lock, in a savepoint. It may come after the payable
        expired: win the time again, or refuse.
        """

    def refunded(self, *, payable_id: str, money: RefundedMoney) -> None:
        """Take note of a refund that succeeded. Called once a refund, under the lock."""


_payables: dict[str, Payable] = {}


def register(payable: Payable) -> None:
    """Add a payable; the same object again changes nothing, another of its type raises."""
    if _payables.setdefault(payable.type, payable) is not payable:
        message = f"a payable of type {payable.type} is registered already"
        raise ValueError(message)


def get(payable_type: str) -> Payable:
    """Return the payable of a type. Raises PayableMissing."""
    try:
        return _payables[payable_type]
    except KeyError:
        raise PayableMissing from None
