"""Registries of `notifications` filled for apps that must not know it."""

from django.urls import reverse

from accounts.models import Business, Registration
from accounts.team.queries import find_invitation
from accounts.team.tokens import link_of
from bookings import links
from leads.queries import find_lead
from notifications import links as message_links
from notifications.models import BusinessChannel
from notifications.realtime import rooms
from payments.models import Payment, Refund

_NOWHERE = "/"


def _payment_link(subject: str, audience: str) -> str:
    """Return the page of what was paid for to customers, the console to staff."""
    payment = Payment.objects.filter(public_id=subject).first()
    if payment is None:
        return _NOWHERE
    if audience == "customer" and payment.payable_type == "booking":
        return links.booking_link(payment.payable_id, audience)
    return reverse("admin:payments_payment_change", args=[payment.pk])


def _refund_link(subject: str, audience: str) -> str:
    refund = Refund.objects.select_related("payment").filter(public_id=subject).first()
    if refund is None:
        return _NOWHERE
    if audience == "customer":
        return _payment_link(refund.payment.public_id, audience)
    return reverse("admin:payments_refund_change", args=[refund.pk])


def _lead_link(subject: str, audience: str) -> str:
    lead = find_lead(subject)
    if lead is None:
        return _NOWHERE
    if audience == "customer":
        return reverse("business", args=[lead.business.slug])
    return reverse("admin:leads_lead_change", args=[lead.pk])


def _business_link(subject: str, audience: str) -> str:
    business = Business.objects.filter(public_id=subject).first()
    if business is None:
        return _NOWHERE
    pages = {"customer": "business", "team": "manage_team"}
    return reverse(pages.get(audience, "manage_services"), args=[business.slug])


def _channel_link(subject: str, audience: str) -> str:
    channel = BusinessChannel.objects.filter(public_id=subject).first()
    if channel is None:
        return _NOWHERE
    return reverse("admin:notifications_businesschannel_change", args=[channel.pk])


def _account_link(subject: str, _audience: str) -> str:
    is_new = Registration.objects.filter(user__public_id=subject, profile_done_at=None).exists()
    return reverse("account_welcome" if is_new else "account_home")


def _invitation_link(subject: str, _audience: str) -> str:
    found = find_invitation(subject)
    return link_of(found) if found else _NOWHERE


def connect() -> None:
    """Say where messages lead and who may listen to a booking; repeats safely."""
    message_links.register("bkg", links.booking_link)
    message_links.register("pay", _payment_link)
    message_links.register("rfn", _refund_link)
    message_links.register("led", _lead_link)
    message_links.register("biz", _business_link)
    message_links.register("chn", _channel_link)
    message_links.register("usr", _account_link)
    message_links.register("inv", _invitation_link)
    rooms.register("booking", links.may_listen, links.read_link)
