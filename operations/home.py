"""The admin's first page and its search over all kinds of objects."""

import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from unfold.dataclasses import SearchResult

from accounts import policy, tiles
from accounts.console import ScopedModelAdmin
from accounts.models import Business, User

_MOST_PER_KIND: Final = 5
_MOST_TODAY: Final = 20
_MOST_TASKS: Final = 8


def context(user: User, *, now: dt.datetime) -> dict[str, Any]:
    """Return what the first page shows: what needs a person, figures, today's bookings."""
    from operations import today, trends

    businesses = list(policy.managed_by(user, Business.objects.order_by("name"))[:50])
    zone = _zone(user, businesses)
    return {
        "trends": trends.read(user, now=now, zone=ZoneInfo(zone)),
        "attention": tiles.read("attention", user=user, now=now),
        "figures": tiles.read("figures", user=user, now=now),
        "bookings": today.bookings(user, now=now, limit=_MOST_TODAY),
        "tasks": today.tasks(user, now=now, limit=_MOST_TASKS),
        "businesses": businesses,
        "now": now,
        "zone": zone,
    }


def _zone(user: User, businesses: list[Business]) -> str:
    """Return the zone of the clock: the businesses' own where they share one."""
    zones = {business.timezone for business in businesses}
    return zones.pop() if len(zones) == 1 else user.timezone or "UTC"


def search(request: HttpRequest, term: str) -> list[SearchResult]:
    """Find objects of every kind the person may see by name, email, phone, id or reference."""
    found: list[SearchResult] = []
    for model, page in admin.site._registry.items():
        if not isinstance(page, ScopedModelAdmin) or not page.has_module_permission(request):
            continue
        rows = page.get_queryset(request)
        if page.list_select_related and not isinstance(page.list_select_related, bool):
            rows = rows.select_related(*page.list_select_related)
        if not page.get_search_fields(request):
            continue
        rows, _ = page.get_search_results(request, rows, term)
        meta = model._meta
        kind = capfirst(str(meta.verbose_name))
        for row in rows[:_MOST_PER_KIND]:
            line = page.headline(row)
            found.append(
                SearchResult(
                    title=str(line.title),
                    description=f"{kind} · {line.subtitle}" if line.subtitle else kind,
                    link=reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk]),
                    icon="arrow_forward",
                )
            )
    return found
