"""A payable made for tests: a parcel held for a customer, kept in the customer's own row.

Its state is in `timezone`, a text column, so it is locked, rolled back and raced over for real.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Contact
from common.money import Money
from payments import payables
from payments.payables import PaidMoney, PayableMissing, PayableRefused, Quote, RefundedMoney

PRICE = Money(150000, "VND")


class Parcel:
    type = "parcel"

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.price = PRICE
        self.hold = timedelta(minutes=15)
        self.expires_at: datetime | None = None
        self.refuses = False
        self.paid_calls: list[PaidMoney] = []
        self.refunded_calls: list[RefundedMoney] = []

    def lock(self, *, payable_id: str) -> None:
        if not Contact.objects.select_for_update().filter(public_id=payable_id).exists():
            raise PayableMissing

    def quote(self, *, payable_id: str, purpose: str) -> Quote:
        contact = Contact.objects.get(public_id=payable_id)
        return Quote(
            business_id=contact.business_id,
            contact_id=contact.pk,
            amount=self.price,
            description="Deposit",
            expires_at=self.expires_at or timezone.now() + self.hold,
        )

    def paid(self, *, payable_id: str, money: PaidMoney) -> None:
        changed = Contact.objects.filter(public_id=payable_id, timezone__in=["", "expired"]).update(
            timezone="confirmed"
        )
        if self.refuses or not changed:
            raise PayableRefused
        self.paid_calls.append(money)

    def refunded(self, *, payable_id: str, money: RefundedMoney) -> None:
        Contact.objects.filter(public_id=payable_id).update(timezone="refunded")
        self.refunded_calls.append(money)


parcel = Parcel()
payables.register(parcel)


def state(payable_id: str) -> str:
    return Contact.objects.get(public_id=payable_id).timezone
