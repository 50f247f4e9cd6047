"""Conditions on local days: each business's day is its own zone's."""

from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import Business
from common.times import day_bounds, local_date


def on_local_days(
    *, first: int, days: int, now: datetime, path: str = "starts_at", business: str = "business"
) -> Q:
    """Return the condition that an instant lies in `days` local days from today + `first`.

    `path` is the lookup path of the instant and `business` that of the business whose zone counts.
    One query for the zones in use, whatever the number of businesses.
    """
    found = Q(pk__in=[])
    zones = Business.objects.order_by().values_list("timezone", flat=True).distinct()
    for name in zones:
        zone = Business(timezone=name).zone
        today = local_date(now, zone)
        start, _ = day_bounds(today + timedelta(days=first), zone)
        _, end = day_bounds(today + timedelta(days=first + days - 1), zone)
        found |= Q(
            **{
                f"{business}__timezone": name,
                f"{path}__gte": start,
                f"{path}__lt": end,
            }
        )
    return found
