"""The customer's own page: what comes next, what to do, what was, what was paid."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.onboarding.registration import awaits_profile
from bookings.models import Booking
from bookings.queries import customer
from bookings.views import live
from bookings.views.access import person_of
from bookings.views.states import TONES, payment_row
from common.pagination import paginate

_PER_PAGE = 20


@require_safe
@never_cache
@login_required
def account_home(request: HttpRequest) -> HttpResponse:
    """Show the next appointment, things to do, and lists by tab."""
    user = person_of(request)
    assert isinstance(user, User)  # login_required lets nobody else in  # noqa: S101
    now = timezone.now()
    tab = request.GET.get("tab", "")
    tab = tab if tab in {"past", "payments"} else "upcoming"
    upcoming = customer.upcoming_bookings(user, now=now)
    shown = [booking_row(item, now=now) for item in upcoming]
    context: dict[str, Any] = {
        "nav": "account",
        "greeting_name": user.full_name,
        "upcoming": shown,
        "todo": _things_to_do(user, upcoming, now=now),
        "tab": tab,
        "tabs_name": _("Your bookings and payments"),
        "tabs": _tabs(tab, count=len(upcoming)),
        "rows": shown,
        **live.context(request),
    }
    cursor = request.GET.get("after", "")
    if tab == "past":
        past = paginate(
            customer.past_bookings(user, now=now),
            order=("-starts_at", "-id"),
            scope=f"past:{user.pk}",
            cursor=cursor,
            limit=_PER_PAGE,
        )
        context["rows"] = [booking_row(item, now=now) for item in past.rows]
        context["older"] = _older("past", past.next_cursor)
    elif tab == "payments":
        paid = paginate(
            customer.own_payments(user),
            order=("-id",),
            scope=f"payments:{user.pk}",
            cursor=cursor,
            limit=_PER_PAGE,
        )
        context["payments"] = [
            {
                **payment_row(item),
                "what": item.description or item.business.name,
                "zone": item.business.timezone,
                "url": reverse("booking", args=[item.payable_id])
                if item.payable_type == "booking"
                else "",
            }
            for item in paid.rows
        ]
        context["older"] = _older("payments", paid.next_cursor)
    return render(request, "bookings/account.html", context)


def booking_row(booking: Booking, *, now: datetime) -> dict[str, Any]:
    """Return a booking as lists show it."""
    status = Booking.Status(booking.status)
    # A hold is over when its time is, whether or not the row has been tidied.
    if status in {Booking.Status.PENDING, Booking.Status.REQUESTED} and not booking.holds_time(now):
        status = Booking.Status.EXPIRED
    return {
        "booking": booking,
        "zone": booking.business.timezone,
        "tone": TONES[status],
        "status_text": str(status.label).capitalize(),
        "url": reverse("booking", args=[booking.public_id]),
    }


def _things_to_do(user: User, upcoming: list[Booking], *, now: datetime) -> list[dict[str, str]]:
    items = (
        [
            {
                "icon": "user",
                "title": _("Complete your profile"),
                "detail": _("Your name and phone number, for the businesses you book with."),
                "url": reverse("account_welcome"),
            }
        ]
        if awaits_profile(user)
        else []
    )
    items += [
        {
            "icon": "card",
            "title": _("Pay the deposit for %(service)s") % {"service": item.service.name},
            "detail": _("Until then the time is only kept for you."),
            "url": reverse("booking", args=[item.public_id]),
        }
        for item in upcoming
        if item.status == Booking.Status.PENDING
    ]
    items += [
        {
            "icon": "message",
            "title": _("Answer %(business)s") % {"business": item.business.name},
            "detail": item.service.name,
            "url": reverse("booking_messages", args=[item.public_id]),
        }
        for item in customer.unanswered(user, now=now)
    ]
    return items


def _tabs(current: str, *, count: int) -> list[dict[str, Any]]:
    labels = {"upcoming": _("Upcoming"), "past": _("Past"), "payments": _("Payments")}
    return [
        {
            "label": label,
            "href": f"?tab={name}",
            "is_current": name == current,
            "count": count if name == "upcoming" else 0,
        }
        for name, label in labels.items()
    ]


def _older(tab: str, cursor: str | None) -> str:
    return f"?tab={tab}&after={cursor}" if cursor else ""
