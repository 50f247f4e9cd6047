"""What a business offers, for its public pages."""

from typing import Any

from django.core.cache import cache
from django.db.models import Prefetch, QuerySet

from accounts.models import Business
from bookings.models import Calendar, Service, Tier
from bookings.queries import versions

KEEP_SECONDS = 600


def services_of(business: Business) -> QuerySet[Service]:
    """Return the offered services in their order, with tiers and performers; three statements."""
    return (
        Service.objects.filter(business=business, is_active=True)
        .select_related("business")
        .prefetch_related(
            Prefetch("tiers", Tier.objects.filter(is_active=True), to_attr="offered_tiers"),
            Prefetch(
                "performers",
                Calendar.objects.filter(is_active=True).select_related("staff").order_by("name"),
                to_attr="offered_performers",
            ),
        )
        .order_by("position", "name")
    )


def find_service(*, business: Business, slug: str) -> Service | None:
    """Return one offered service with tiers and performers."""
    return services_of(business).filter(slug=slug).first()


def catalogue(business: Business) -> list[dict[str, Any]]:
    """Return the offered services as plain data, kept ten minutes and dropped by any change."""
    key = f"catalogue:{business.public_id}"
    tokens = versions.read([business.public_id])
    kept = cache.get(key)
    if kept is not None and kept[0] == tokens:
        found: list[dict[str, Any]] = kept[1]
        return found
    made = [_service_data(service) for service in services_of(business)]
    cache.set(key, (tokens, made), KEEP_SECONDS)
    return made


def _service_data(service: Service) -> dict[str, Any]:
    tiers: list[Tier] = getattr(service, "offered_tiers")  # noqa: B009  set by the prefetch
    performers: list[Calendar] = getattr(service, "offered_performers")  # noqa: B009  same
    for tier in tiers:
        tier.service = service
    return {
        "id": service.public_id,
        "slug": service.slug,
        "name": service.name,
        "summary": service.summary,
        "description": service.description,
        "image": service.image.url if service.image else None,
        "tiers": [_tier_data(tier) for tier in tiers],
        "performers": [{"id": item.public_id, "name": item.name} for item in performers],
    }


def _tier_data(tier: Tier) -> dict[str, Any]:
    return {
        "id": tier.public_id,
        "name": tier.name,
        "description": tier.description,
        "currency": tier.price.currency,
        "price_minor": tier.price_minor,
        "deposit_minor": tier.deposit.minor,
        "duration_minutes": tier.duration_minutes,
        "seats": tier.seats,
        "needs_approval": tier.needs_approval,
    }
