"""Step two: who books. Sending it takes the time."""

from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.policy import can
from bookings import actions
from bookings.errors import SlotUnavailable
from bookings.forms import DetailsForm
from bookings.models import Booking
from bookings.views.access import is_guest_of, label_of, person_of, remember_guest
from bookings.views.choosing import Choice, read_choice, steps, summary
from common.pages import page
from common.times import read_instant

_REGIONS = {"Asia/Ho_Chi_Minh": "VN", "Europe/London": "GB", "America/New_York": "US"}


@require_http_methods(["GET", "HEAD", "POST"])
@page
def details_page(request: HttpRequest, slug: str, service_slug: str) -> HttpResponse:
    """Ask for name and address; take the time when they are given."""
    choice = read_choice(request, slug, service_slug)
    starts_at = read_instant(request.GET.get("starts_at", ""))
    back = _back(choice, starts_at)
    if starts_at is None:
        return redirect(back)
    person = person_of(request)
    user = person if isinstance(person, User) else None
    form = DetailsForm(
        request.POST or None,
        user=user,
        seats=choice.tier.seats,
        region=_REGIONS.get(choice.business.timezone, "VN"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            booking = _take(choice, starts_at, form, user)
        except SlotUnavailable:
            return redirect(f"{back}&taken=1")
        if booking.is_new:
            remember_guest(request, subject=booking.public_id)
        elif not _may_open(request, booking, person):
            text = _("You have booked this time already. Open it by the link in our email.")
            messages.info(request, text)
            return redirect(back)
        return redirect("booking", booking.public_id)
    deposit = choice.tier.deposit
    context = {
        **summary(choice),
        "form": form,
        "starts_at": starts_at,
        "steps": steps(2, needs_payment=bool(deposit.minor), back=back),
        "back_url": back,
        "submit_label": _submit_label(choice),
        "small_print": _small_print(choice),
    }
    return render(request, "bookings/details.html", context)


def _may_open(request: HttpRequest, booking: Booking, person: User | AnonymousUser) -> bool:
    """Say whether a booking found by the address that was typed is this visitor's."""
    return is_guest_of(request, subject=booking.public_id) or can(person, "view", booking)


def _take(choice: Choice, starts_at: datetime, form: DetailsForm, user: User | None) -> Booking:
    data = form.cleaned_data
    return actions.create_booking(
        tier_id=choice.tier.public_id,
        calendar_id=choice.calendar,
        starts_at=starts_at,
        seats=data.get("seats") or 1,
        customer=actions.NewCustomer(
            name=data["name"],
            email=data["email"],
            phone=data["phone"],
            locale=get_language() or "en",
            user=user,
        ),
        customer_note=data["note"],
        channel=Booking.Channel.SITE,
        actor=label_of(user) if user else "guest",
        # A form sent twice must not take two times.
        is_repeatable=True,
        now=timezone.now(),
    )


def _back(choice: Choice, starts_at: datetime | None) -> str:
    query = {"tier": choice.tier.public_id}
    if choice.calendar:
        query["with"] = choice.calendar
    if starts_at is not None:
        query["day"] = starts_at.astimezone(choice.business.zone).date().isoformat()
    path = reverse("service", args=[choice.business.slug, choice.service.slug])
    return f"{path}?{urlencode(query)}"


def _submit_label(choice: Choice) -> str:
    if choice.tier.needs_approval:
        return _("Ask for this time")
    return _("Continue to payment") if choice.tier.deposit.minor else _("Book this time")


def _small_print(choice: Choice) -> str:
    if choice.tier.needs_approval:
        return _("The business answers each request itself, usually within a day.")
    if choice.tier.deposit.minor:
        return _("We keep the time for you while you pay.")
    return _("Nothing is due now; you pay on site.")
