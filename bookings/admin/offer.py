"""What a business offers and when, in the admin. Every save makes cached slots stale."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminDecimalFieldWidget

from accounts import policy
from accounts.console import (
    Headline,
    ScopedFilter,
    ScopedInline,
    ScopedModelAdmin,
    badge,
    facts,
    person,
)
from accounts.models import Business, Staff
from bookings import actions
from bookings.models import (
    BlockedPeriod,
    Calendar,
    DateOverride,
    Service,
    TaskTemplate,
    Tier,
    WeeklyRule,
)
from common.money import Money, exponent


class MinorUnitsField(forms.DecimalField):
    """An amount typed in the unit people speak of, kept in whole minor units."""

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        """`currency` is an ISO 4217 code."""
        self.currency = currency
        super().__init__(
            *args,
            decimal_places=exponent(currency),
            min_value=0,
            widget=UnfoldAdminDecimalFieldWidget(),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        """Show minor units as the amount; what was typed stays as typed."""
        return Money(value, self.currency).major if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Return whole minor units."""
        amount = super().clean(value)
        return int(amount.scaleb(exponent(self.currency))) if isinstance(amount, Decimal) else 0

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare amounts, not how they are written."""
        return bool(super().has_changed(self.prepare_value(initial), data))


class _OfferAdmin(ScopedModelAdmin):
    """Pages whose saves change what can be booked."""

    add_verb = "change"
    change_verb = "change"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Save the rest, then tell the availability."""
        super().save_related(request, form, formsets, change)
        self._edited(request, form.instance)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete, then tell the availability."""
        super().delete_model(request, obj)
        self._edited(request, obj)

    def _edited(self, request: HttpRequest, obj: Any) -> None:
        calendar = obj if isinstance(obj, Calendar) else getattr(obj, "calendar", None)
        actions.availability_edited(
            business=obj.business,
            calendars=[calendar] if calendar is not None else [],
            actor=person(request).public_id,
        )


class TierInline(ScopedInline):
    """Ways to buy the service."""

    model = Tier
    verb = "change"
    currency = ""
    fields: ClassVar = (
        "name",
        "price_minor",
        "deposit_kind",
        "deposit_minor",
        "deposit_percent",
        "duration_minutes",
        "buffer_before_minutes",
        "buffer_after_minutes",
        "step_minutes",
        "notice_minutes",
        "horizon_days",
        "seats",
        "needs_approval",
        "is_active",
        "position",
    )

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Write amounts in the business's currency."""
        self.currency = obj.business.currency if obj else ""
        return super().get_formset(request, obj, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Ask for money in the unit people speak of."""
        if db_field.name in {"price_minor", "deposit_minor"} and self.currency:
            label = f"{capfirst(str(db_field.verbose_name))} ({self.currency})"
            return MinorUnitsField(label=label, currency=self.currency, required=False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class TaskTemplateInline(ScopedInline):
    """Tasks every confirmed booking brings."""

    model = TaskTemplate
    verb = "change"
    fields = ("title", "offset_minutes", "role", "position")


@admin.register(Service)
class ServiceAdmin(_OfferAdmin):
    """Services with their tiers and task templates."""

    list_display = ("name", "business", "state", "position")
    list_filter = ("is_active", ("business", ScopedFilter))
    list_select_related = ("business",)
    search_words = ("name",)
    search_exact = ("public_id", "slug")
    ordering = ("business__name", "position", "name")
    prepopulated_fields = {"slug": ("name",)}
    fields = (
        "business",
        "name",
        "slug",
        "summary",
        "description",
        "image",
        "performers",
        "needs",
        "position",
        "is_active",
    )

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the calendars of the service's business as boxes to tick."""
        rows = policy.managed_by(person(request), Calendar.objects.order_by("name"))
        key = request.resolver_match.kwargs.get("object_id", "") if request.resolver_match else ""
        if key.isdigit():
            rows = rows.filter(business__services=int(key))
        kwargs["queryset"] = rows
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_inlines(self, request: HttpRequest, obj: Service | None) -> tuple[Any, ...]:
        """Ask for tiers once the business, and so the currency, is known."""
        return (TierInline, TaskTemplateInline) if obj else ()

    @display(description=gettext_lazy("state"), ordering="is_active")
    def state(self, obj: Service) -> str:
        """Show whether it is offered."""
        return badge(_("offered"), "success") if obj.is_active else badge(_("hidden"))

    def headline(self, obj: Service) -> Headline:
        """Show the service and where it is offered."""
        return Headline(
            obj.name,
            _("offered") if obj.is_active else _("hidden"),
            "success" if obj.is_active else "",
            obj.summary,
            facts((_("Business"), obj.business.name)),
        )


@admin.register(Calendar)
class CalendarAdmin(_OfferAdmin):
    """The time of people and rooms."""

    fields = ("business", "staff", "name", "capacity", "is_active")
    list_display = ("name", "business", "staff", "capacity", "state")
    list_filter = ("is_active", ("business", ScopedFilter))
    list_select_related = ("business", "staff")
    search_words = ("name",)
    search_exact = ("public_id",)
    ordering = ("business__name", "name")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the staff of one's own businesses."""
        if db_field.name == "staff":
            kwargs["queryset"] = _own_staff(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=gettext_lazy("state"), ordering="is_active")
    def state(self, obj: Calendar) -> str:
        """Show whether it can be booked."""
        return badge(_("bookable"), "success") if obj.is_active else badge(_("off"))

    def headline(self, obj: Calendar) -> Headline:
        """Show whose time it is."""
        return Headline(
            obj.name,
            _("bookable") if obj.is_active else _("off"),
            "success" if obj.is_active else "",
            obj.business.name,
        )


class HoursForm(forms.ModelForm[Any]):
    """Hours of a business or of one of its own calendars."""

    def clean(self) -> dict[str, Any]:
        """Refuse another business's calendar."""
        values = super().clean() or {}
        business = values.get("business") or self.instance.business
        calendar = values.get("calendar")
        if calendar is not None and calendar.business_id != business.pk:
            raise ValidationError(_("This calendar belongs to another business."))
        return values


class _HoursAdmin(_OfferAdmin):
    form = HoursForm
    delete_verb = "change"
    list_select_related = ("business", "calendar")

    @display(description=gettext_lazy("for"), ordering="calendar__name")
    def whose(self, obj: Any) -> str:
        """Show whose hours they are."""
        return str(obj.calendar or _("everybody"))


@admin.register(WeeklyRule)
class WeeklyRuleAdmin(_HoursAdmin):
    """Opening hours of every week, in wall-clock times of the business."""

    fields = ("business", "calendar", "weekday", "start_time", "end_time")
    list_display = ("weekday", "start_time", "end_time", "whose", "business")
    list_filter = ("weekday", ("business", ScopedFilter), ("calendar", ScopedFilter))
    ordering = ("business__name", "calendar__name", "weekday", "start_time")


@admin.register(DateOverride)
class DateOverrideAdmin(_HoursAdmin):
    """Single dates that are different."""

    fields = ("business", "calendar", "date", "start_time", "end_time", "note")
    list_display = ("date", "start_time", "end_time", "note", "whose", "business")
    list_filter = (("business", ScopedFilter), ("calendar", ScopedFilter))
    ordering = ("-date",)


@admin.register(BlockedPeriod)
class BlockedPeriodAdmin(_HoursAdmin):
    """Time cut out of the opening hours."""

    fields = ("business", "calendar", "first_date", "last_date", "starts_at", "ends_at", "reason")
    list_display = ("__str__", "reason", "whose", "business")
    list_filter = (("business", ScopedFilter), ("calendar", ScopedFilter))
    ordering = ("-id",)


def _own_staff(request: HttpRequest) -> Any:
    businesses = policy.managed_by(person(request), Business.objects.all())
    return Staff.objects.filter(user__memberships__business__in=businesses).distinct()
