"""The locks of this app, taken in one order everywhere."""

from contextlib import suppress

from django.db.models import Model

from common.errors import NotFound
from payments import payables
from payments.models import Payment, Refund


def lock_payment(payment_id: str) -> Payment:
    """Lock and return the payment with what its events need. Raises NotFound."""
    payment = (
        Payment.objects.select_for_update(of=("self",))
        .select_related("business", "contact", "gateway_account")
        .filter(public_id=payment_id)
        .first()
    )
    if payment is None:
        raise NotFound
    return payment


def lock_payable_then_payment(payment_id: str) -> Payment:
    """Lock the payable first, then the payment. Raises NotFound.

    A payable that is gone does not hold the money fact up: paying it is refused later.
    """
    names = (
        Payment.objects.filter(public_id=payment_id)
        .values_list("payable_type", "payable_id")
        .first()
    )
    if names is None:
        raise NotFound
    with suppress(payables.PayableMissing):
        payables.get(names[0]).lock(payable_id=names[1])
    return lock_payment(payment_id)


def lock_refund(refund_id: str, payment: Payment) -> Refund:
    """Lock and return a refund of the locked payment. Raises NotFound."""
    refund = Refund.objects.select_for_update().filter(public_id=refund_id, payment=payment).first()
    if refund is None:
        raise NotFound
    refund.payment = payment
    return refund


def save(row: Model, *names: str) -> None:
    """Save the named fields and raise the row's version."""
    row.version += 1  # type: ignore[attr-defined]  # both kinds of row have one
    row.save(update_fields=[*names, "version"])
