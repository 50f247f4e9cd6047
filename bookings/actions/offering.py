"""What a business offers: services and their tiers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from accounts import actions as people
from accounts.auditing import snapshot
from accounts.models import Business, Staff, User
from bookings.actions.hours import availability_edited
from bookings.models import Calendar, Service, Tier
from common.errors import Conflict, NotFound
from common.text import fold


@transaction.atomic
def save_service(
    *,
    business: Business,
    fields: Mapping[str, Any],
    tiers: Sequence[Mapping[str, Any]],
    performers: Sequence[Calendar],
    actor: str,
    service_id: str = "",
) -> Service:
    """Create or change a service with its tiers; ids are public ids. Repeats safely for a change.

    A tier without `public_id` is new; one that is not named any more is no longer offered, since
    bookings point at it. Raises NotFound for another's service or tier, Conflict for another's
    calendar.
    """
    if any(calendar.business_id != business.pk for calendar in performers):
        raise Conflict
    if service_id:
        found = Service.objects.select_for_update().filter(business=business, public_id=service_id)
        service = found.first()
        if service is None:
            raise NotFound
    else:
        service = Service(business=business, slug=_free_slug(business, str(fields["name"])))
    before = _told(service) if service_id else {}
    for name, value in fields.items():
        setattr(service, name, value)
    service.save()
    service.performers.set(performers)
    _save_tiers(service, tiers)
    availability_edited(business=business, actor=actor)
    after = _told(service)
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    people.record_audit(
        actor=actor,
        action="service.save",
        business=business.public_id,
        subject=service.public_id,
        before={name: before[name] for name in changed if name in before},
        after={name: after[name] for name in changed if name in after},
    )
    return service


def _told(service: Service) -> dict[str, Any]:
    """Return what stands in the records of a service, its tiers and its performers."""
    told = snapshot(service)
    told["performers"] = sorted(service.performers.values_list("public_id", flat=True))
    for tier in service.tiers.all():
        told |= {f"{tier.public_id}.{name}": value for name, value in snapshot(tier).items()}
    return told


@transaction.atomic
def ensure_own_calendar(*, business: Business, user: User) -> Calendar:
    """Return the calendar of the user's own time in the business, made when there is none.

    Also makes the working profile, which customers see, when there is none. Repeats safely.
    """
    staff, _is_new = Staff.objects.get_or_create(user=user, defaults={"display_name": str(user)})
    calendar, _is_new = Calendar.objects.get_or_create(
        business=business, staff=staff, defaults={"name": staff.display_name}
    )
    return calendar


def _save_tiers(service: Service, tiers: Sequence[Mapping[str, Any]]) -> None:
    known = {tier.public_id: tier for tier in service.tiers.select_for_update()}
    named = {str(item["public_id"]) for item in tiers if item.get("public_id")}
    if not named <= set(known):
        raise NotFound
    for position, item in enumerate(tiers):
        tier = known.get(str(item.get("public_id") or "")) or Tier(service=service)
        for name, value in item.items():
            if name != "public_id":
                setattr(tier, name, value)
        tier.position, tier.is_active = position, True
        tier.save()
    service.tiers.filter(public_id__in=set(known) - named).update(is_active=False)


def _free_slug(business: Business, name: str) -> str:
    base = slugify(fold(name))[:50] or "service"
    taken = set(business.services.filter(slug__startswith=base).values_list("slug", flat=True))
    number = 1
    while (slug := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return slug
