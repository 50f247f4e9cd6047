"""The business's payments."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Business
from bookings.queries import desk
from bookings.views.manage.access import desk_context, managed_business
from bookings.views.states import payment_row
from common.money import Money
from common.pages import page
from common.pagination import paginate
from common.templatetags.frontdesk import locale, short_date
from common.times import day_bounds, local_date
from payments.models import Payment

_PER_PAGE = 50
_CHART_DAYS = 14


@require_safe
@never_cache
@page
def payments(request: HttpRequest, slug: str) -> HttpResponse:
    """List payments, newest first, with what came in by day."""
    business, _person = managed_business(request, slug, model=Payment)
    show = "review" if request.GET.get("show") == "review" else ""
    rows = desk.payments_of_business(business)
    if show:
        rows = rows.exclude(review_reason="")
    found = paginate(
        rows,
        order=("-id",),
        scope=f"desk-payments:{business.pk}:{show}",
        cursor=request.GET.get("after", ""),
        limit=_PER_PAGE,
    )
    context: dict[str, Any] = {
        **desk_context(request, business, "manage_payments"),
        "rows": [
            {
                **payment_row(item),
                "url": reverse("manage_booking", args=[item.payable_id])
                if item.payable_type == "booking"
                else "",
            }
            for item in found.rows
        ],
        "next_cursor": found.next_cursor,
        "show": show,
        **_chart(business),
    }
    return render(request, "bookings/manage/payments.html", context)


def _chart(business: Business) -> dict[str, Any]:
    today = local_date(timezone.now(), business.zone)
    days = [today - timedelta(days=n) for n in reversed(range(_CHART_DAYS))]
    sums = dict.fromkeys(days, 0)
    start = day_bounds(days[0], business.zone)[0]
    for at, minor in desk.received_by_day(business, start=start):
        day = local_date(at, business.zone)
        sums[day] = sums.get(day, 0) + minor
    return {
        "points": [(short_date(day), sums[day]) for day in days],
        "written": [Money(sums[day], business.currency).display(locale()) for day in days],
        "chart_title": _("Received by day"),
        "has_money": any(sums.values()),
        "total": Money(sum(sums[day] for day in days), business.currency),
    }
