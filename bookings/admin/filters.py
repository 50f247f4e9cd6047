"""List filters of bookings and tasks."""

from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.queries.days import on_local_days

# Name: first day from today, number of days.
_DAYS = {"today": (0, 1), "tomorrow": (1, 1), "week": (0, 7), "month": (0, 30)}


class WhenFilter(admin.SimpleListFilter):
    """When the booking starts, by the local days of its business."""

    title = gettext_lazy("start")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [
            ("today", _("today")),
            ("tomorrow", _("tomorrow")),
            ("week", _("next 7 days")),
            ("month", _("next 30 days")),
            ("past", _("past")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the chosen days."""
        now = timezone.now()
        if self.value() == "past":
            return queryset.filter(starts_at__lt=now)
        if self.value() in _DAYS:
            first, days = _DAYS[str(self.value())]
            return queryset.filter(on_local_days(first=first, days=days, now=now))
        return queryset


class PaidFilter(admin.SimpleListFilter):
    """How far the price is paid."""

    title = gettext_lazy("payment")
    parameter_name = "paid"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [
            ("none", _("nothing paid")),
            ("part", _("partly paid")),
            ("full", _("fully paid")),
            ("refunded", _("refunded")),
            ("deposit_due", _("deposit not paid")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the chosen rows."""
        paid = F("paid_minor") - F("refunded_minor")
        conditions = {
            "none": Q(paid_minor=0),
            "part": Q(paid_minor__gt=0, paid_minor__lt=F("price_minor")),
            "full": Q(price_minor__lte=paid, paid_minor__gt=0),
            "refunded": Q(refunded_minor__gt=0),
            "deposit_due": Q(
                deposit_minor__gt=F("paid_minor"), status__in=["requested", "pending", "confirmed"]
            ),
        }
        wanted = conditions.get(str(self.value()))
        return queryset.filter(wanted) if wanted is not None else queryset


class DueFilter(admin.SimpleListFilter):
    """Which tasks are late or due."""

    title = gettext_lazy("due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("overdue", _("overdue")), ("today", _("today")), ("week", _("next 7 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the chosen rows."""
        now = timezone.now()
        if self.value() == "overdue":
            return queryset.filter(status="open", due_at__lt=now)
        if self.value() in _DAYS:
            first, days = _DAYS[str(self.value())]
            return queryset.filter(on_local_days(first=first, days=days, now=now, path="due_at"))
        return queryset
