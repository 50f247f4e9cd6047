"""Step one: the service, one of its tiers, somebody, a day and a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_date
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Business
from accounts.policy import fetch
from bookings.models import Service, Tier
from bookings.queries import SlotList, find_service, list_slots
from bookings.views.access import person_of
from common.errors import NotFound
from common.pages import page
from common.templatetags.frontdesk import locale
from common.times import day_bounds, from_unix, local_date, read_date

STRIP_DAYS = 14
# Searched at once, so that "the next free day" beyond the strip costs nothing more.
SEARCHED_DAYS = 42
_NOON, _EVENING = 12, 17


@dataclass(frozen=True, slots=True)
class Choice:
    """What the visitor has chosen so far, read from the address."""

    business: Business
    service: Service
    tiers: Sequence[Tier]
    tier: Tier
    calendar: str


def steps(current: int, *, needs_payment: bool, back: str = "") -> list[dict[str, Any]]:
    """Return the booking's steps; `back` is the address of the first once it is done."""
    labels = [_("Time"), _("Details"), *([_("Payment")] if needs_payment else [])]
    return [
        {
            "label": label,
            "is_done": number < current,
            "is_current": number == current,
            "href": back if number == 1 and current > 1 else "",
        }
        for number, label in enumerate(labels, start=1)
    ]


def read_choice(request: HttpRequest, slug: str, service_slug: str) -> Choice:
    """Read business, service, tier and performer. Raises NotFound, Forbidden."""
    business = fetch(person_of(request), "view", Business.objects.all(), slug=slug)
    service = find_service(business=business, slug=service_slug)
    tiers: list[Tier] = getattr(service, "offered_tiers", [])
    if service is None or not tiers:
        raise NotFound
    for tier in tiers:
        tier.service = service
    wanted = request.GET.get("tier", "")
    tier = next((item for item in tiers if item.public_id == wanted), tiers[0])
    performers = {item.public_id for item in getattr(service, "offered_performers", [])}
    calendar = request.GET.get("with", "")
    return Choice(business, service, tiers, tier, calendar if calendar in performers else "")


def summary(choice: Choice) -> dict[str, Any]:
    """Return what stands beside the steps."""
    tier = choice.tier
    with_whom = next(
        (
            item.name
            for item in getattr(choice.service, "offered_performers", [])
            if item.public_id == choice.calendar
        ),
        "",
    )
    return {
        "business": choice.business,
        "service": choice.service,
        "tier": tier,
        "price": tier.price,
        "deposit": tier.deposit,
        "later": tier.price - tier.deposit,
        "with_whom": with_whom,
        "steps_name": _("Steps of booking"),
    }


@require_safe
@page
def service_page(request: HttpRequest, slug: str, service_slug: str) -> HttpResponse:
    """Show the free times of a day, and which days have any."""
    choice = read_choice(request, slug, service_slug)
    context = {
        **summary(choice),
        **slot_context(request, choice, now=timezone.now()),
        "steps": steps(1, needs_payment=bool(choice.tier.deposit.minor)),
        "heading": choice.service.name,
        "tiers": _tier_links(choice),
        "details_url": reverse("booking_details", args=[slug, service_slug]),
        "problem": _("That time was just taken. Here is what is still free.")
        if "taken" in request.GET
        else "",
    }
    return render(request, "bookings/service.html", context)


def slot_context(request: HttpRequest, choice: Choice, *, now: datetime) -> dict[str, Any]:
    """Return the strip of days and the times of the chosen one; used by rescheduling too."""
    zone = choice.business.zone
    today = local_date(now, zone)
    first = max(read_date(request.GET.get("from", "")) or today, today)
    wanted = read_date(request.GET.get("day", ""))
    if wanted is not None and not first <= wanted < first + timedelta(days=STRIP_DAYS):
        first = max(wanted, today)
    last = first + timedelta(days=SEARCHED_DAYS)
    found = list_slots(
        tier_id=choice.tier.public_id,
        calendar_id=choice.calendar,
        start=day_bounds(first, zone)[0],
        end=day_bounds(last, zone)[0],
        now=now,
    )
    by_day = _by_day(found)
    free = sorted(by_day)
    strip = [first + timedelta(days=n) for n in range(STRIP_DAYS)]
    day = wanted or next((item for item in free if item in set(strip)), first)
    after = next((item for item in free if item > day), free[0] if free else None)
    horizon = today + timedelta(days=choice.tier.horizon_days)

    def link(**changes: date | str) -> str:
        query = QueryDict(mutable=True)
        query["tier"] = choice.tier.public_id
        if choice.calendar:
            query["with"] = choice.calendar
        query["from"] = first.isoformat()
        for name, value in changes.items():
            query[name] = value.isoformat() if isinstance(value, date) else value
        return f"{request.path}?{query.urlencode()}"

    next_first = first + timedelta(days=STRIP_DAYS)
    earlier_first = max(first - timedelta(days=STRIP_DAYS), today)
    return {
        "days": [
            {
                "date": item,
                "href": link(day=item),
                "is_current": item == day,
                "has_times": item in by_day,
            }
            for item in strip
        ],
        "day": day,
        "month": format_date(day, "LLLL y", locale=locale()),
        "groups": _grouped(by_day.get(day, [])),
        "next_free": after,
        "next_free_url": link(day=after, **{"from": after}) if after else "",
        "earlier": link(**{"from": earlier_first}) if first > today else "",
        "later_days": link(**{"from": next_first}) if next_first <= horizon else "",
        "calendar": choice.calendar,
        "performers": _performers(choice, link),
    }


def _performers(choice: Choice, link: Any) -> list[dict[str, Any]]:
    people = getattr(choice.service, "offered_performers", [])
    anyone = {"name": _("Anyone"), "href": link(**{"with": ""}), "is_current": not choice.calendar}
    return (
        [
            anyone,
            *(
                {
                    "name": item.name,
                    "href": link(**{"with": item.public_id}),
                    "is_current": item.public_id == choice.calendar,
                }
                for item in people
            ),
        ]
        if len(people) > 1
        else []
    )


def _tier_links(choice: Choice) -> list[Tier]:
    path = reverse("service", args=[choice.business.slug, choice.service.slug])
    suffix = f"&with={choice.calendar}" if choice.calendar else ""
    for tier in choice.tiers:
        setattr(tier, "href", f"{path}?tier={tier.public_id}{suffix}")  # noqa: B010  read by the template only
    return list(choice.tiers)


def _by_day(found: SlotList) -> dict[date, list[datetime]]:
    days: dict[date, list[datetime]] = {}
    for start in found.starts:
        local = from_unix(start).astimezone(found.zone)
        days.setdefault(local.date(), []).append(local)
    return days


def _grouped(starts: Sequence[datetime]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for local in starts:
        if local.hour < _NOON:
            name = _("Morning")
        elif local.hour < _EVENING:
            name = _("Afternoon")
        else:
            name = _("Evening")
        value = local.astimezone(timezone.get_fixed_timezone(0)).strftime("%Y-%m-%dT%H:%M:%SZ")
        groups.setdefault(name, []).append({"starts_at": local, "value": value})
    return list(groups.items())
