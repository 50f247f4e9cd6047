"""What a booking's page says in each state: headline, sentence, and what may be done next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from babel.dates import format_time
from django.utils.translation import gettext as _

from accounts.policy import Actor, can
from bookings.models import Booking
from bookings.views.choosing import steps
from common.money import Money
from common.templatetags.frontdesk import locale, zone_name
from payments import queries as payment_queries
from payments.gateways import registry
from payments.models import Payment

S = Booking.Status
TONES = {
    S.REQUESTED: "info",
    S.PENDING: "warning",
    S.CONFIRMED: "success",
    S.EXPIRED: "",
    S.CANCELED: "danger",
    S.COMPLETED: "",
    S.NO_SHOW: "danger",
}
PAYMENT_TONES = {"succeeded": "success", "failed": "danger", "canceled": "", "expired": ""}


@dataclass(slots=True)
class BookingPage:
    """Everything the page needs besides the booking itself."""

    url: str
    tone: str
    icon: str
    title: str
    lead: str
    steps: list[dict[str, Any]] = field(default_factory=list)
    countdown: datetime | None = None
    can_pay: bool = False
    pay_what: str = ""
    pay_amount: Money | None = None
    pay_label: str = ""
    methods: list[dict[str, str]] = field(default_factory=list)
    problem: str = ""
    next_url: str = ""
    next_label: str = ""
    is_back: bool = False
    is_settled: bool = False
    can_add_to_calendar: bool = False
    can_reschedule: bool = False
    can_cancel: bool = False
    can_message: bool = False
    payments: list[dict[str, Any]] = field(default_factory=list)
    price: Money | None = None
    deposit: Money | None = None
    deposit_label: str = ""
    later: Money | None = None
    refunded: Money | None = None


def describe(
    booking: Booking,
    *,
    actor: Actor,
    payments: Sequence[Payment],
    now: datetime,
    url: str,
    plain_url: str,
    again_url: str,
    is_back: bool = False,
) -> BookingPage:
    """Return what to say and offer; `payments` newest first, `now` aware UTC.

    `is_back`: the customer comes from the provider's page, and its notice may still be on its way.
    """
    status = S(booking.status)
    is_held = booking.holds_time(now)
    open_payment = next((item for item in payments if item.is_open), None)
    page = _headline(
        booking,
        status,
        is_held=is_held,
        open_payment=open_payment,
        is_back=is_back,
        is_refunding=any(_refunding(item) for item in payments),
    )
    page.url = url
    if status not in {S.CANCELED, S.EXPIRED}:
        page.price, page.deposit = booking.price, booking.deposit
        page.later = booking.price - booking.deposit
        if booking.refunded_minor:
            page.refunded = Money(booking.refunded_minor, booking.currency)
            page.later = booking.balance
        page.deposit_label = _deposit_label(booking, status)
    page.payments = [payment_row(item) for item in payments if item.status != "submitting"]
    is_waiting = page.tone == "waiting"
    if status == S.PENDING and is_held:
        page.steps = steps(3, needs_payment=True)
        page.countdown = booking.hold_expires_at
        if not is_waiting and can(actor, "pay", booking):
            _offer_payment(page, booking)
    if is_back and is_waiting and is_held and open_payment and not _is_moving(open_payment):
        page.is_back = True
        page.next_url, page.next_label = plain_url, _("I have not paid yet")
    if payments and payments[0].status == "failed" and status == S.PENDING:
        page.problem = _("The payment did not go through. Nothing was taken; try again.")
    if (not is_held and not is_waiting) or status in {S.COMPLETED, S.NO_SHOW}:
        page.next_url, page.next_label = again_url, _("Choose another time")
        if status in {S.COMPLETED, S.NO_SHOW}:
            page.next_label = _("Book again")
    is_ahead = now < booking.starts_at
    page.is_settled = status == S.CONFIRMED and is_ahead
    page.can_add_to_calendar = page.is_settled
    page.can_reschedule = page.is_settled and can(actor, "reschedule", booking)
    page.can_cancel = (
        is_ahead
        and (status == S.CONFIRMED or (status in {S.REQUESTED, S.PENDING} and is_held))
        and not is_waiting
        and can(actor, "cancel", booking)
    )
    page.can_message = can(actor, "message", booking) and status not in {S.EXPIRED, S.PENDING}
    return page


def payment_row(payment: Payment) -> dict[str, Any]:
    """Return one payment as lists show it, with what went back of it."""
    refunded = payment.refunded_minor
    status = str(payment.get_status_display())
    tone = PAYMENT_TONES.get(payment.status, "info")
    if payment.is_in_review:
        status, tone = _("being looked at"), "warning"
    elif payment.is_being_checked:
        status, tone = _("being checked"), "info"
    elif _refunding(payment):
        status, tone = _("being refunded"), "info"
    elif refunded and refunded >= payment.captured_minor:
        status, tone = _("refunded"), ""
    elif refunded:
        status, tone = _("partly refunded"), "info"
    return {
        "money": payment.money,
        "what": str(payment.get_purpose_display()).capitalize(),
        "at": payment.succeeded_at or payment.created_at,
        "status": status.capitalize(),
        "tone": tone,
        "payment": payment,
    }


def _refunding(payment: Payment) -> bool:
    """Say whether money is on its way back."""
    return any(
        item.status not in {"succeeded", "failed", "canceled"} for item in payment.refunds.all()
    )


def _deposit_label(booking: Booking, status: Booking.Status) -> str:
    if booking.paid_minor >= booking.deposit_minor:
        return _("Deposit paid")
    return _("Deposit now") if status in {S.REQUESTED, S.PENDING} else _("Deposit")


def _offer_payment(page: BookingPage, booking: Booking) -> None:
    accounts = payment_queries.gateway_accounts(business_id=booking.business_id)
    page.methods = [
        {"code": item.gateway, "name": item.label or registry.get(item.gateway).name}
        for item in accounts
    ]
    amount = booking.deposit.display(locale())
    page.pay_amount = booking.deposit
    is_whole = booking.deposit_minor >= booking.price_minor
    page.pay_what = _("Price") if is_whole else _("Deposit")
    page.pay_label = (_("Pay %(amount)s") if is_whole else _("Pay deposit %(amount)s")) % {
        "amount": amount
    }
    page.can_pay = bool(accounts)
    if not accounts:
        page.problem = _("This business cannot take payments right now. Call or write to them.")


def _headline(
    booking: Booking,
    status: Booking.Status,
    *,
    is_held: bool,
    open_payment: Payment | None,
    is_back: bool,
    is_refunding: bool,
) -> BookingPage:
    if status == S.PENDING and (is_held or open_payment is not None):
        return _paying(booking, open_payment, is_back=is_back)
    if status == S.REQUESTED and is_held:
        return _page(
            "waiting",
            "clock",
            _("Your request is with %(business)s") % {"business": booking.business.name},
            _("They answer each request themselves. You hear from us as soon as they do."),
        )
    if status == S.CONFIRMED:
        lead = _("See you then.")
        if booking.contact.email:
            lead = _("See you then. The details went to %(email)s.") % {
                "email": booking.contact.email
            }
        return _page("success", "check", _("Your booking is confirmed"), lead)
    return _ended(booking, status, is_refunding=is_refunding)


def _paying(booking: Booking, payment: Payment | None, *, is_back: bool) -> BookingPage:
    if payment is not None and payment.is_in_review:
        return _page(
            "waiting",
            "search",
            _("Your payment is being looked at"),
            _("A person at the business checks it. Nothing is lost; you hear from us by email."),
        )
    if payment is not None and _is_moving(payment):
        return _page(
            "waiting",
            "clock",
            _("Your payment is being checked"),
            _("Your bank or provider is still answering. This page changes by itself."),
        )
    if payment is not None and is_back:
        return _page(
            "waiting",
            "clock",
            _("Waiting for the payment provider"),
            _("If you have paid, this page changes by itself. Please do not pay a second time."),
        )
    until = format_time(
        booking.hold_expires_at, "short", tzinfo=booking.business.zone, locale=locale()
    )
    return _page(
        "info",
        "card",
        _("One step left: the payment"),
        _("The time is kept for you until %(time)s.")
        % {"time": f"{until} ({zone_name(booking.business.timezone)})"},
    )


def _ended(booking: Booking, status: Booking.Status, *, is_refunding: bool) -> BookingPage:
    has_money = booking.paid_minor > 0
    if status == S.CANCELED:
        lead = _("The time is free again.")
        if booking.refunded_minor or is_refunding:
            lead = _("The time is free again. What comes back to you is listed below.")
        elif has_money:
            lead = _("The time is free again. What was paid stays with the business.")
        return _page("danger", "x", _("This booking is canceled"), lead)
    if status == S.COMPLETED:
        return _page("success", "check", _("Thank you for coming"), _("We hope to see you again."))
    if status == S.NO_SHOW:
        return _page(
            "warning",
            "alert",
            _("We missed you"),
            _("The appointment passed without you. Write to us if that is a mistake."),
        )
    return _page(
        "warning",
        "clock",
        _("The time is no longer kept"),
        _("The payment came too late for this time. All of it goes back to you.")
        if has_money
        else _("Nothing was taken. If the time is still free, you can choose it again."),
    )


def _is_moving(payment: Payment) -> bool:
    return payment.status in {"processing", "submitting"} or payment.is_being_checked


def _page(tone: str, icon: str, title: str, lead: str) -> BookingPage:
    return BookingPage(url="", tone=tone, icon=icon, title=title, lead=lead)
