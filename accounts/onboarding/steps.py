"""The wizard's steps that need nothing but the business itself."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Business, User
from accounts.onboarding import actions, registry
from accounts.onboarding.forms import BusinessNameForm, PlaceForm
from accounts.onboarding.registry import SetupCheck, SetupStep

NAME = "name"


def _name_form(business: Business, data: Mapping[str, Any] | None) -> BusinessNameForm:
    return BusinessNameForm(data, business=business)


def _save_name(business: Business, form: BusinessNameForm, user: User) -> None:
    data = form.cleaned_data
    actions.rename(business=business, name=data["name"], slug=data["slug"], actor=user.public_id)


def _place_form(business: Business, data: Mapping[str, Any] | None) -> PlaceForm:
    return PlaceForm(data, business=business)


def _save_place(business: Business, form: PlaceForm, user: User) -> None:
    data = form.cleaned_data
    actions.set_place(
        business=business,
        timezone_name=data["timezone"],
        currency=data["currency"],
        actor=user.public_id,
    )


def register() -> None:
    """Add the steps and what remains to do; repeats safely."""
    registry.add_step(
        SetupStep(
            NAME,
            _("Name"),
            _("What customers call you, and where they find you."),
            10,
            _name_form,
            _save_name,
            template="accounts/setup/name.html",
        )
    )
    registry.add_step(
        SetupStep(
            "place",
            _("Time and money"),
            _("We guessed from your browser. Look once, then go on."),
            20,
            _place_form,
            _save_place,
        )
    )
    registry.add_check(
        SetupCheck(
            "profile",
            _("Say who you are: a line, a phone number, where you are"),
            10,
            lambda business: bool(business.tagline and (business.phone or business.email)),
            lambda business: reverse("manage_profile", args=[business.slug]),
        )
    )
    registry.add_check(
        SetupCheck(
            "team",
            _("Invite the people you work with"),
            30,
            lambda business: (
                business.memberships.count() > 1
                or business.invitations.filter(status="open").exists()
            ),
            lambda business: reverse("manage_team", args=[business.slug]),
        )
    )
