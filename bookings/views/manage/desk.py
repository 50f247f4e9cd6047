"""Today, the week, and the list of bookings."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Business, BusinessSetup, User
from accounts.policy import Actor, roles_of, withheld_from
from bookings.models import Booking
from bookings.queries import desk
from bookings.views.access import person_of
from bookings.views.account import booking_row
from bookings.views.manage.access import desk_context, managed_business, open_pages
from common.pages import page
from common.pagination import paginate
from common.times import day_bounds, local_date, read_date

_PER_PAGE = 50
_WEEK = timedelta(days=7)
_ENTRY = {
    "requested": "pending",
    "pending": "pending",
    "completed": "done",
    "no_show": "missed",
}


def _first_page(person: Actor, business: Business) -> str:
    """Return the desk's first page for the person; where none is open, the one that says why."""
    return next(iter(open_pages(person, business)), "manage_today")


@require_safe
@login_required
def manage_home(request: HttpRequest) -> HttpResponse:
    """Open the only business, or let choose between several; lead on who has none ready."""
    person = person_of(request)
    places = {*roles_of(person), *withheld_from(person)} if isinstance(person, User) else set()
    businesses: QuerySet[Business] = Business.objects.filter(pk__in=places).order_by("name")
    unfinished = set(
        BusinessSetup.objects.filter(business__in=businesses, finished_at=None).values_list(
            "business_id", flat=True
        )
    )
    if len(businesses) == 1 and not unfinished:
        return redirect(_first_page(person, businesses[0]), businesses[0].slug)
    context = {
        "businesses": [
            {"item": item, "page": _first_page(person, item), "is_begun": item.pk in unfinished}
            for item in businesses
        ],
        "nav": "manage",
    }
    return render(request, "bookings/manage/home.html", context)


@require_safe
@never_cache
@page
def today(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the day as a line, what waits, and figures."""
    business, _person = managed_business(request, slug)
    now = timezone.now()
    day = read_date(request.GET.get("day", "")) or local_date(now, business.zone)
    start, end = day_bounds(day, business.zone)
    bookings = desk.bookings_between(business, start=start, end=end, now=now)
    is_today = start <= now < end
    context = {
        **desk_context(request, business, "manage_today"),
        "day": day,
        "is_today": is_today,
        "earlier": f"?day={(day - timedelta(days=1)).isoformat()}",
        "later": f"?day={(day + timedelta(days=1)).isoformat()}",
        "line": _line(bookings, now=now if is_today else None),
        "waiting": _waiting_items(business, now=now),
        "stats": _stats(business, bookings, now=now),
    }
    return render(request, "bookings/manage/today.html", context)


def _line(bookings: Sequence[Booking], *, now: datetime | None) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    has_marked = now is None
    for booking in bookings:
        if now is not None and not has_marked and booking.starts_at > now:
            entries.append({"is_now": True, "at": now})
            has_marked = True
        entries.append(_entry(booking))
    if not has_marked and entries:
        entries.append({"is_now": True, "at": now})
    return entries


def _entry(booking: Booking) -> dict[str, Any]:
    return {
        "booking": booking,
        "at": booking.starts_at,
        "kind": _ENTRY.get(booking.status, ""),
        "status_text": str(booking.get_status_display()).capitalize(),
        "url": reverse("manage_booking", args=[booking.public_id]),
    }


def _waiting_items(business: Business, *, now: datetime) -> list[dict[str, Any]]:
    found = desk.waiting(business, now=now)
    bookings = reverse("manage_bookings", args=[business.slug])
    payments = reverse("manage_payments", args=[business.slug])
    items = [
        (found.requests, _("Requests to answer"), f"{bookings}?show=waiting", "clock"),
        (found.unanswered, _("Messages to answer"), f"{bookings}?show=unanswered", "message"),
        (found.unpaid, _("Waiting for a deposit"), f"{bookings}?show=waiting", "card"),
        (found.reviews, _("Payments to look at"), f"{payments}?show=review", "alert"),
        (found.failed_refunds, _("Refunds that failed"), payments, "refund"),
    ]
    return [
        {"count": count, "title": title, "url": url, "icon": icon}
        for count, title, url, icon in items
        if count
    ]


def _stats(business: Business, bookings: Sequence[Booking], *, now: datetime) -> list[Any]:
    found = desk.figures(business, until=now)
    return [
        {"label": _("Bookings on this day"), "figure": len(bookings), "trend": ""},
        {
            "label": _("Confirmed in 7 days"),
            "figure": found.bookings,
            "trend": _("%(count)s in the 7 days before") % {"count": found.bookings_before},
        },
        {
            "label": _("Received in 7 days"),
            "money": found.received,
            "before": found.received_before,
        },
    ]


@require_safe
@never_cache
@page
def week(request: HttpRequest, slug: str) -> HttpResponse:
    """Show seven days side by side."""
    business, _person = managed_business(request, slug)
    now = timezone.now()
    this_day = local_date(now, business.zone)
    first = read_date(request.GET.get("from", "")) or this_day - timedelta(days=this_day.weekday())
    start, end = day_bounds(first, business.zone)[0], day_bounds(first + _WEEK, business.zone)[0]
    days: dict[date, list[Any]] = {first + timedelta(days=n): [] for n in range(7)}
    for booking in desk.bookings_between(business, start=start, end=end, now=now):
        days.setdefault(local_date(booking.starts_at, business.zone), []).append(_entry(booking))
    context = {
        **desk_context(request, business, "manage_week"),
        "days": [
            {"date": item, "entries": days[item], "is_today": item == this_day}
            for item in sorted(days)
        ],
        "first": first,
        "last": first + timedelta(days=6),
        "earlier": f"?from={(first - _WEEK).isoformat()}",
        "later": f"?from={(first + _WEEK).isoformat()}",
    }
    return render(request, "bookings/manage/week.html", context)


@require_safe
@never_cache
@page
def bookings_list(request: HttpRequest, slug: str) -> HttpResponse:
    """List bookings by state; find them by the customer's name, address or phone."""
    business, _person = managed_business(request, slug)
    now = timezone.now()
    query = request.GET.get("q", "").strip()[:60]
    labels = {
        "upcoming": _("Upcoming"),
        "waiting": _("Waiting"),
        "unanswered": _("Unanswered"),
        "past": _("Past"),
        "canceled": _("Canceled"),
    }
    show = request.GET.get("show", "")
    show = show if show in labels else "upcoming"
    is_ahead = show in {"upcoming", "waiting"}
    rows = (
        desk.unanswered(business, now=now)
        if show == "unanswered"
        else desk.search_bookings(business, status=show, query=query, now=now)
    )
    found = paginate(
        rows,
        order=("starts_at", "id") if is_ahead else ("-starts_at", "-id"),
        scope=f"desk:{business.pk}:{show}:{query}",
        cursor=request.GET.get("after", ""),
        limit=_PER_PAGE,
    )
    context = {
        **desk_context(request, business, "manage_bookings"),
        "rows": [
            {
                **booking_row(item, now=now),
                "url": reverse("manage_booking", args=[item.public_id]),
            }
            for item in found.rows
        ],
        "query": query,
        "show": show,
        "filters": [
            {"label": label, "href": f"?show={name}", "is_current": name == show}
            for name, label in labels.items()
        ],
        "next_cursor": found.next_cursor,
    }
    return render(request, "bookings/manage/bookings.html", context)
