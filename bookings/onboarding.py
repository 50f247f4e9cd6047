"""The set-up wizard's steps of this app: opening hours, and the first service."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Business, User
from accounts.onboarding import registry
from accounts.onboarding.registry import SetupCheck, SetupStep
from bookings import actions
from bookings.actions.offering import ensure_own_calendar, save_service
from bookings.models import Service, Tier, WeeklyRule
from bookings.views.manage.forms import HoursForm, TierForm, tier_initial

_WORKDAYS: Final = range(5)
_USUAL_HOURS: Final = (dt.time(9), dt.time(17))


class FirstHoursForm(HoursForm):
    """The business's week, which must open at least once."""

    def clean(self) -> dict[str, Any]:
        """Refuse a week without an opening: nobody could book."""
        data = super().clean()
        if not self.errors and not self.openings():
            self.add_error(None, _("Open at least once a week, so that somebody can book."))
        return data


class FirstServiceForm(TierForm):
    """The first service and the one way to book it; the rest is found on the desk."""

    service_name = forms.CharField(
        label=_("What do you offer?"),
        max_length=120,
        help_text=_("For example a haircut, a massage, a first consultation."),
    )
    summary = forms.CharField(label=_("One line about it"), max_length=160, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave out what the desk asks for; the way to book is named by its length."""
        super().__init__(*args, **kwargs)
        for name in ("name", "buffer_after_minutes", "notice_minutes", "seats", "needs_approval"):
            del self.fields[name]

    def first_values(self) -> dict[str, Any]:
        """Return the tier's fields, in minor units."""
        minutes = self.cleaned_data["duration_minutes"]
        kept = {"buffer_after_minutes": 0, "notice_minutes": 0, "seats": 1, "needs_approval": False}
        name = str(_("%(minutes)d minutes") % {"minutes": minutes})
        self.cleaned_data |= {"name": name, **kept}
        found = self.values()
        # What the desk may have set since is not the wizard's to reset.
        return {key: value for key, value in found.items() if key not in kept}


def _hours_form(business: Business, data: Mapping[str, Any] | None) -> FirstHoursForm:
    rules = list(WeeklyRule.objects.filter(business=business, calendar=None))
    if not rules:
        start, end = _USUAL_HOURS
        rules = [WeeklyRule(weekday=day, start_time=start, end_time=end) for day in _WORKDAYS]
    return FirstHoursForm(data, rules=rules)


def _save_hours(business: Business, form: FirstHoursForm, user: User) -> None:
    actions.set_weekly_hours(business=business, openings=form.openings(), actor=user.public_id)


def _first_tier(business: Business) -> Tier | None:
    tiers = Tier.objects.filter(service__business=business, is_active=True)
    return tiers.select_related("service__business").order_by("service_id", "position").first()


def _service_form(business: Business, data: Mapping[str, Any] | None) -> FirstServiceForm:
    tier = _first_tier(business)
    initial: dict[str, Any] = {"duration_minutes": 60}
    if tier is not None:
        service = tier.service
        initial = {
            **tier_initial(tier),
            "service_name": service.name,
            "summary": service.summary,
        }
    return FirstServiceForm(data, initial=initial, currency=business.currency)


def _save_service(business: Business, form: FirstServiceForm, user: User) -> None:
    tier = _first_tier(business)
    service = tier.service if tier else None
    data = form.cleaned_data
    others = (
        [{"public_id": item.public_id} for item in service.tiers.filter(is_active=True)[1:]]
        if service
        else []
    )
    first = {**form.first_values(), "public_id": tier.public_id if tier else ""}
    save_service(
        business=business,
        service_id=service.public_id if service else "",
        fields={"name": data["service_name"], "summary": data["summary"], "is_active": True},
        tiers=[first, *others],
        performers=list(service.performers.all())
        if service
        else [ensure_own_calendar(business=business, user=user)],
        actor=user.public_id,
    )


def register() -> None:
    """Add the steps and what remains to do; repeats safely."""
    registry.add_step(
        SetupStep(
            "hours",
            _("Opening hours"),
            _("When can customers come? Days off are set on the desk."),
            30,
            _hours_form,
            _save_hours,
            template="bookings/setup/hours.html",
        )
    )
    registry.add_step(
        SetupStep(
            "service",
            _("First service"),
            _("One is enough to open. More, and shorter or longer ones, come later."),
            40,
            _service_form,
            _save_service,
            template="bookings/setup/service.html",
        )
    )
    registry.add_check(
        SetupCheck(
            "services",
            _("Add the other services you offer"),
            20,
            lambda business: Service.objects.filter(business=business).count() > 1,
            lambda business: reverse("manage_services", args=[business.slug]),
        )
    )
    registry.add_priced(lambda business: Tier.objects.filter(service__business=business).exists())
