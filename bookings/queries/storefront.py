"""What visitors read before they book: businesses, what they offer, when they are open."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from accounts.models import Business, Staff
from accounts.policy import Actor, visible_to
from bookings.models import DateOverride, Service, Tier, WeeklyRule
from bookings.queries.catalogue import services_of
from common.money import Money
from common.times import local_date


@dataclass(frozen=True, slots=True)
class ShopRow:
    """A business in a list, with how much it offers and from what price."""

    business: Business
    services: int
    from_price: Money | None


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A service in a list: its lowest price and its range of lengths in minutes."""

    service: Service
    from_price: Money
    deposit: Money
    has_range: bool
    shortest: int
    longest: int


@dataclass(frozen=True, slots=True)
class DayHours:
    """The openings of one coming date; none means closed."""

    day: date
    openings: Sequence[tuple[time, time]]
    is_today: bool


def open_businesses(actor: Actor, *, query: str = "") -> QuerySet[Business]:
    """Return businesses open to the public, by a word in their name or in what they offer."""
    rows = visible_to(actor, Business.objects.filter(is_active=True))
    if query:
        offered = Service.objects.filter(
            business=OuterRef("pk"), is_active=True, name__icontains=query
        )
        rows = rows.filter(Q(name__icontains=query) | Q(tagline__icontains=query) | Exists(offered))
    return rows


def shop_rows(businesses: Sequence[Business]) -> list[ShopRow]:
    """Return what each of the businesses offers; one statement for all."""
    found: dict[int, dict[str, Any]] = {
        row["business"]: dict(row)
        for row in Service.objects.filter(
            business__in=businesses, is_active=True, tiers__is_active=True
        )
        .values("business")
        .annotate(
            count=Count("id", distinct=True),
            lowest=Min("tiers__price_minor", filter=Q(tiers__price_minor__gt=0)),
        )
        .order_by()
    }
    return [
        ShopRow(
            business,
            found[business.pk]["count"] if business.pk in found else 0,
            Money(found[business.pk]["lowest"], business.currency)
            if business.pk in found and found[business.pk]["lowest"] is not None
            else None,
        )
        for business in businesses
    ]


def offer_rows(business: Business) -> tuple[list[OfferRow], list[Staff]]:
    """Return the bookable services with their price range, and the people who perform them."""
    rows: list[OfferRow] = []
    people: dict[int, Staff] = {}
    for service in services_of(business):
        tiers: list[Tier] = getattr(service, "offered_tiers")  # noqa: B009  set by the prefetch
        for calendar in getattr(service, "offered_performers"):  # noqa: B009  set by the prefetch
            if calendar.staff is not None:
                people.setdefault(calendar.staff_id, calendar.staff)
        if not tiers:
            continue
        for tier in tiers:
            tier.service = service
        cheapest = min(tiers, key=lambda tier: tier.price_minor)
        lengths = [tier.duration_minutes for tier in tiers]
        rows.append(
            OfferRow(
                service,
                cheapest.price,
                cheapest.deposit,
                has_range=len({tier.price_minor for tier in tiers}) > 1,
                shortest=min(lengths),
                longest=max(lengths),
            )
        )
    return rows, sorted(people.values(), key=lambda person: person.display_name)


def coming_hours(business: Business, *, now: datetime) -> list[DayHours]:
    """Return the business's own hours for today and the six dates after; two statements."""
    today = local_date(now, business.zone)
    week = [today + timedelta(days=n) for n in range(7)]
    weekly: dict[int, list[tuple[time, time]]] = defaultdict(list)
    for rule in WeeklyRule.objects.filter(business=business, calendar=None):
        weekly[rule.weekday].append((rule.start_time, rule.end_time))
    special: dict[date, list[tuple[time, time]]] = {}
    for row in DateOverride.objects.filter(business=business, calendar=None, date__in=week):
        openings = special.setdefault(row.date, [])
        if row.start_time is not None and row.end_time is not None:
            openings.append((row.start_time, row.end_time))
    return [
        DayHours(
            day,
            sorted(special[day] if day in special else weekly[day.weekday()]),
            is_today=day == today,
        )
        for day in week
    ]
