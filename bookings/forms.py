"""What people fill in about a booking."""

from typing import Any

import phonenumbers
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class DetailsForm(forms.Form):
    """Who books, and how to reach them."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Email"),
        help_text=_("The confirmation goes here."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    seats = forms.IntegerField(label=_("How many people?"), min_value=1, initial=1)
    note = forms.CharField(
        label=_("Anything we should know?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self, *args: Any, user: User | None, seats: int, region: str, **kwargs: Any
    ) -> None:
        """Prefill from the account; `region` reads phone numbers written without a country."""
        initial = {"name": user.full_name, "email": user.email, "phone": user.phone} if user else {}
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        self._region = region
        if seats > 1:
            self.fields["seats"] = forms.IntegerField(
                label=_("How many people?"), min_value=1, max_value=seats, initial=1
            )
        else:
            del self.fields["seats"]
        if user is not None:
            # Bookings of an account belong to its proven address.
            self.fields["email"].disabled = True

    def clean_phone(self) -> str:
        """Return the number in E.164, or nothing."""
        written = str(self.cleaned_data["phone"]).strip()
        if not written:
            return ""
        try:
            number = phonenumbers.parse(written, self._region)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise forms.ValidationError(_("Write the number with its country code, such as +84."))
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class MessageForm(forms.Form):
    """One message of a conversation."""

    body = forms.CharField(max_length=4000)
