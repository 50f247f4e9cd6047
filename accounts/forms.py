"""Forms people fill in about themselves and their business."""

import zoneinfo
from typing import ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Business, User


def timezone_choices() -> list[tuple[str, str]]:
    """Return every IANA zone that is named after a place, with UTC first."""
    names = sorted(
        name for name in zoneinfo.available_timezones() if "/" in name and "Etc/" not in name
    )
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


class ProfileForm(forms.ModelForm[User]):
    """What an account may change about itself."""

    timezone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=lambda: [("", _("As my device")), *timezone_choices()],
    )
    locale = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        """Name, ways to reach, language, zone."""

        model = User
        fields = ("full_name", "phone", "locale", "timezone")
        labels: ClassVar = {"full_name": _("Name"), "phone": _("Phone")}
        widgets: ClassVar = {
            "full_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
        }


class BusinessProfileForm(forms.ModelForm[Business]):
    """What customers see of a business."""

    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=timezone_choices,
        help_text=_("Opening hours and all times shown to customers are in this zone."),
    )
    locale = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    class Meta:
        """The public profile; the address of the page stays as it is."""

        model = Business
        fields = (
            "name",
            "tagline",
            "description",
            "email",
            "phone",
            "address",
            "website",
            "accent",
            "timezone",
            "locale",
            "requires_second_factor",
        )
        labels: ClassVar = {
            "requires_second_factor": _("Ask members for a second step at sign-in"),
            "name": _("Name"),
            "tagline": _("One line about you"),
            "description": _("About"),
            "email": _("Email"),
            "phone": _("Phone"),
            "address": _("Street and place"),
            "accent": _("Colour"),
        }
        help_texts: ClassVar = {
            "accent": _("Used for buttons and links. Text on it always stays readable."),
        }
        widgets: ClassVar = {
            "accent": forms.TextInput(attrs={"type": "color"}),
            "description": forms.Textarea(attrs={"rows": 4}),
        }
