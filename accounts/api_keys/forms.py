"""What an owner fills in to make or replace a key."""

import datetime as dt
import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.api_keys import scopes
from accounts.models import ApiKey

_LIVES = (
    ("30", _("30 days")),
    ("90", _("90 days")),
    ("365", _("one year")),
    ("0", _("without end")),
)


def new_request_id() -> str:
    """Return what names one press of the button."""
    return secrets.token_hex(16)


class ApiKeyForm(forms.Form):
    """Name, kind, scopes, life."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("The program that uses it, for the records.")
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=ApiKey.Kind.choices,
        initial=ApiKey.Kind.LIVE,
        help_text=_("A test key moves no real money."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=scopes.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what the key may do.")},
    )
    lives = forms.ChoiceField(label=_("Lives"), choices=_LIVES, initial="90")
    request_id = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=new_request_id)

    def values(self, now: dt.datetime) -> dict[str, Any]:
        """Return what the action takes; `now` is aware."""
        data = self.cleaned_data
        days = int(data["lives"])
        return {
            "name": data["name"],
            "kind": data["kind"],
            "scopes_": frozenset(data["scopes"]),
            "expires_at": now + dt.timedelta(days=days) if days else None,
            "request_id": data["request_id"],
        }


class RotateForm(forms.Form):
    """How long the old key lives on."""

    overlap_hours = forms.TypedChoiceField(
        label=_("The old key lives on for"),
        choices=(
            (0, _("ends at once")),
            (1, _("one hour")),
            (24, _("one day")),
            (72, _("three days")),
            (168, _("seven days")),
        ),
        coerce=int,
        initial=24,
        help_text=_("Time to give the new one to every program that uses it."),
    )
