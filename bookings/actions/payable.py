"""A booking as something that can be paid for; payments finds it by its type."""

from datetime import datetime

from django.utils import timezone, translation
from django.utils.translation import gettext

from bookings.actions import holding
from bookings.actions.lifecycle import confirm_locked, note_money
from bookings.models import Booking
from common.money import Money
from common.templatetags import frontdesk
from payments.payables import PaidMoney, PayableMissing, PayableRefused, Quote, RefundedMoney

S = Booking.Status
DEPOSIT = "deposit"


class BookingPayable:
    """Paying the deposit confirms the booking; the balance may follow until it is canceled.

    Everything but `lock` relies on the locks that `lock` took in the same transaction.
    """

    type = "booking"

    def lock(self, *, payable_id: str) -> None:
        """Lock the calendars in id order, then the booking. Raises PayableMissing."""
        try:
            holding.lock_booking(payable_id)
        except Booking.DoesNotExist:
            raise PayableMissing from None

    def quote(self, *, payable_id: str, purpose: str) -> Quote:
        """Return the deposit of a held booking or the balance of one that stands.

        Raises PayableMissing, and PayableRefused when nothing is due or the hold ran out.
        """
        booking = self._read(payable_id)
        amount = _due(booking, purpose, now=timezone.now())
        if amount.minor <= 0:
            raise PayableRefused
        return Quote(
            business_id=booking.business_id,
            contact_id=booking.contact_id,
            amount=amount,
            description=_description(booking),
            expires_at=booking.hold_expires_at,
            customer_email=booking.contact.email,
            locale=booking.contact.locale,
        )

    def paid(self, *, payable_id: str, money: PaidMoney) -> None:
        """Confirm the booking, winning its time again after expiry, and add to what was paid.

        Raises SlotTaken when the time is gone, PayableRefused for a canceled booking and for a
        deposit that was paid before; then nothing has changed.
        """
        booking = self._read(payable_id)
        if booking.currency != money.amount.currency or booking.status == S.CANCELED:
            raise PayableRefused
        is_open = booking.status in {S.REQUESTED, S.PENDING, S.EXPIRED}
        if not is_open and money.amount.minor > booking.balance.minor:
            raise PayableRefused
        if is_open:
            confirm_locked(booking, now=timezone.now(), actor="")
        note_money(booking, now=money.paid_at, paid_minor=money.amount.minor)

    def refunded(self, *, payable_id: str, money: RefundedMoney) -> None:
        """Add to what went back; the booking's status stays what staff or customer made it."""
        booking = self._read(payable_id)
        note_money(booking, now=timezone.now(), refunded_minor=money.amount.minor)

    def _read(self, payable_id: str) -> Booking:
        try:
            return holding.reread(payable_id)
        except Booking.DoesNotExist:
            raise PayableMissing from None


BOOKING_PAYABLE = BookingPayable()


def _due(booking: Booking, purpose: str, *, now: datetime) -> Money:
    is_deposit = purpose == DEPOSIT
    if booking.status == S.PENDING and booking.holds_time(now):
        return booking.deposit if is_deposit else booking.balance
    if booking.status in {S.CONFIRMED, S.COMPLETED, S.NO_SHOW} and not is_deposit:
        return booking.balance
    raise PayableRefused


def _description(booking: Booking) -> str:
    with translation.override(booking.contact.locale):
        return gettext("%(service)s, %(tier)s, %(when)s") % {
            "service": booking.service.name,
            "tier": booking.tier.name,
            "when": frontdesk.dated(booking.starts_at, booking.business.zone),
        }
