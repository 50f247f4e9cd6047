"""Forms of the first profile and of the wizard's own steps."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.forms import ProfileForm, timezone_choices
from accounts.models import Business
from accounts.onboarding import guesses, registry

_GUESSED = {"data-guess-zone": ""}


def _checked_live(*, at_once: bool = False) -> dict[str, str]:
    """`at_once`: also when the page has come, for what was typed before its script had."""
    return {
        "hx-get": reverse("setup_address"),
        "hx-trigger": "input changed delay:300ms" + (", load" if at_once else ""),
        "hx-include": "closest form",
        "hx-target": "#address-state",
        "hx-swap": "outerHTML",
    }


class WelcomeForm(ProfileForm):
    """The first profile: a name is asked for, and the browser knows the time zone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask for the name; let the page fill the zone in."""
        super().__init__(*args, **kwargs)
        self.fields["full_name"].required = True
        self.fields["timezone"].widget.attrs |= _GUESSED

    def clean_timezone(self) -> str:
        """Return the zone by its present name, which some browsers don't know."""
        given = str(self.cleaned_data["timezone"])
        return guesses.known_zone(given) if given else ""


class BusinessNameForm(forms.Form):
    """What the business is called, and where its page is."""

    name = forms.CharField(
        label=_("Name of the business"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "autofocus": True}),
    )
    slug = forms.SlugField(
        label=_("Address of your page"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    suggested = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    browser_zone = forms.CharField(
        required=False, max_length=64, widget=forms.HiddenInput(attrs=_GUESSED)
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        business: Business | None = None,
        suggested: str | None = None,
    ) -> None:
        """Fill in what a business that is being set up has; an open page keeps its address.

        With `suggested` the address fields are for a page that is open already, by which they
        are replaced.
        """
        self.business = business
        initial = {"name": business.name, "slug": business.slug} if business else {}
        super().__init__(data, initial=initial)
        if business is None:
            for name in ("name", "slug"):
                self.fields[name].widget.attrs |= _checked_live(at_once=name == "name")
        elif business.is_active:
            self.fields["slug"].disabled = True
        if suggested is not None:
            for name in ("slug", "suggested"):
                self.initial[name] = suggested
                self.fields[name].widget.attrs["hx-swap-oob"] = "true"

    def clean(self) -> dict[str, Any]:
        """Suggest an address where none was typed; refuse one that is taken, and say which is not.

        The action has the last word: somebody may take the address in between.
        """
        data: dict[str, Any] = super().clean() or self.cleaned_data
        name, slug = data.get("name", ""), data.get("slug")
        if slug is None or not name:
            return data
        free = guesses.suggest_slug(slug or name, except_for=self.business)
        if not slug:
            data["slug"] = free
            if not free:
                self.add_error(
                    "slug", _("Write an address of letters and digits, such as my-shop.")
                )
        elif not guesses.is_free(slug, except_for=self.business):
            taken = _("This address is taken. Free is, for example, %(free)s.") % {"free": free}
            self.add_error("slug", taken)
        return data


class PlaceForm(forms.Form):
    """When and in what money the business reckons."""

    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=timezone_choices,
        help_text=_("Opening hours and all times shown to customers are in this zone."),
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=guesses.currency_choices,
        help_text=_("Prices are in this money. Once there are prices it stays as it is."),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, business: Business) -> None:
        """Fill in what is known; a currency in use cannot be changed."""
        super().__init__(
            data, initial={"timezone": business.timezone, "currency": business.currency}
        )
        if registry.is_priced(business):
            self.fields["currency"].disabled = True
