"""Home and the page of a business."""

from datetime import datetime, timedelta

from babel.dates import format_time
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Business
from accounts.policy import fetch
from bookings.models import Tier
from bookings.queries import list_slots, storefront
from bookings.views.access import person_of
from common.errors import NotFound
from common.pages import page
from common.pagination import paginate
from common.templatetags.frontdesk import locale, short_date, weekday_name
from common.times import from_unix, local_date

_PER_PAGE = 24
_LOOK_AHEAD = timedelta(days=28)


@require_safe
@page
def home(request: HttpRequest) -> HttpResponse:
    """List the businesses that are open to the public."""
    query = request.GET.get("q", "").strip()[:60]
    found = paginate(
        storefront.open_businesses(person_of(request), query=query),
        order=("name", "id"),
        scope=f"home:{query}",
        cursor=request.GET.get("after", ""),
        limit=_PER_PAGE,
    )
    rows = storefront.shop_rows(found.rows)
    return render(
        request,
        "bookings/home.html",
        {"rows": rows, "query": query, "next_cursor": found.next_cursor},
    )


@require_safe
@page
def business_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who a business is, what it offers, from what price, and the next free time."""
    business = fetch(person_of(request), "view", Business.objects.all(), slug=slug)
    now = timezone.now()
    offers, people = storefront.offer_rows(business)
    first_tiers: list[Tier] = getattr(offers[0].service, "offered_tiers", []) if offers else []
    next_free = _next_free(first_tiers[0].public_id, now) if first_tiers else None
    hours = [
        {
            "name": weekday_name(day.day) if not day.is_today else _("Today"),
            "is_today": day.is_today,
            "openings": [
                f"{format_time(a, 'short', locale=locale())} \u2013 "
                f"{format_time(b, 'short', locale=locale())}"
                for a, b in day.openings
            ],
        }
        for day in storefront.coming_hours(business, now=now)
    ]
    context = {
        "business": business,
        "offers": offers,
        "people": people,
        "from_price": min(
            (offer.from_price for offer in offers if offer.from_price.minor), default=None
        ),
        "next_free_text": _free_text(next_free, business, now) if next_free else "",
        "hours": hours if any(day["openings"] for day in hours) else [],
    }
    return render(request, "bookings/business.html", context)


def _next_free(tier_id: str, now: datetime) -> datetime | None:
    try:
        found = list_slots(
            tier_id=tier_id, start=_floor(now), end=_floor(now) + _LOOK_AHEAD, now=now
        )
    except NotFound:
        return None
    return from_unix(found.starts[0]) if found.starts else None


def _floor(at: datetime) -> datetime:
    """Round down to the hour, so that all visitors of an hour share one kept list."""
    return at.replace(minute=0, second=0, microsecond=0)


def _free_text(at: datetime, business: Business, now: datetime) -> str:
    local = at.astimezone(business.zone)
    clock = format_time(local, "short", locale=locale())
    day, today = local.date(), local_date(now, business.zone)
    if day == today:
        return _("Next free today, %(time)s") % {"time": clock}
    if day == today + timedelta(days=1):
        return _("Next free tomorrow, %(time)s") % {"time": clock}
    return _("Next free %(day)s, %(time)s") % {"day": short_date(day), "time": clock}
