"""Bookings and revenue by day, for the charts of the admin's first page.

Each business's day is its own zone's. Two queries, whatever the number of businesses.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    DateField,
    ExpressionWrapper,
    F,
    Func,
    Q,
    Sum,
    When,
)
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import User
from bookings.models import Booking
from common import charts
from common.money import Money
from common.templatetags import frontdesk
from common.times import local_date
from payments.models import LedgerEntry

DAYS: Final = 14
_MOST_CURRENCIES: Final = 3
_LIVE = ("requested", "pending", "confirmed", "completed", "no_show")


@dataclass(frozen=True, slots=True)
class Trend:
    """A chart with its name and the sum of its bars, written for people."""

    title: str
    total: str
    chart: charts.BarChart


class _LocalDay(Func):
    """The date of an instant in the zone named by a column."""

    template = "(%(expressions)s)::date"
    arg_joiner = " AT TIME ZONE "


def read(user: User, *, now: dt.datetime, zone: ZoneInfo) -> list[Trend]:
    """Return the charts of the last 14 days, `now` being aware and today that of `zone`."""
    last = local_date(now, zone)
    days = [last - dt.timedelta(days=back) for back in reversed(range(DAYS))]
    found = []
    if policy.may_manage_some(user, "view", Booking):
        found.append(_bookings(user, days))
    if policy.may_manage_some(user, "view", LedgerEntry):
        found.extend(_revenue(user, days))
    return found


def _near(path: str, days: list[dt.date]) -> Q:
    """Return the condition that leaves out what no zone counts to these days."""
    start = dt.datetime.combine(days[0] - dt.timedelta(days=1), dt.time(), dt.UTC)
    end = dt.datetime.combine(days[-1] + dt.timedelta(days=2), dt.time(), dt.UTC)
    return Q(**{f"{path}__gte": start, f"{path}__lt": end})


def _day(path: str, business: str) -> Any:
    local = _LocalDay(F(path), F(f"{business}__timezone"), output_field=CharField())
    return ExpressionWrapper(local, output_field=DateField())


def _bookings(user: User, days: list[dt.date]) -> Trend:
    rows = (
        policy.managed_by(user, Booking.objects.filter(status__in=_LIVE))
        .filter(_near("starts_at", days))
        .order_by()
        .values(day=_day("starts_at", "business"))
        .annotate(count=Count("pk"))
    )
    counts = {row["day"]: row["count"] for row in rows}
    points = [(frontdesk.short_date(day), counts.get(day, 0)) for day in days]
    return Trend(_("Bookings by day"), str(sum(n for _day, n in points)), charts.bars(points))


def _revenue(user: User, days: list[dt.date]) -> list[Trend]:
    signed = Case(
        When(kind="refund", then=-F("amount_minor")),
        default=F("amount_minor"),
        output_field=BigIntegerField(),
    )
    rows = (
        policy.managed_by(user, LedgerEntry.objects.filter(_near("at", days)))
        .order_by()
        .values("currency", day=_day("at", "payment__business"))
        .annotate(net=Sum(signed))
    )
    nets: defaultdict[str, dict[dt.date, int]] = defaultdict(dict)
    for row in rows:
        if row["day"] in days:
            nets[row["currency"]][row["day"]] = row["net"]
    sums = {currency: Money(sum(net.values()), currency) for currency, net in nets.items()}
    largest = sorted(sums, key=lambda currency: sums[currency].major, reverse=True)
    return [
        _revenue_in(currency, days, nets[currency], sums[currency])
        for currency in largest[:_MOST_CURRENCIES]
    ]


def _revenue_in(currency: str, days: list[dt.date], net: dict[dt.date, int], total: Money) -> Trend:
    written = [Money(net.get(day, 0), currency).display(frontdesk.locale()) for day in days]
    points = [(frontdesk.short_date(day), net.get(day, 0)) for day in days]
    return Trend(
        _("Received by day, less refunds (%(currency)s)") % {"currency": currency},
        total.display(frontdesk.locale()),
        charts.bars(points, written=written),
    )
