"""The form that adds a passkey. In a module of its own: allauth's forms read the settings."""

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """Asks for a name, and whether the passkey may stand in for the password too."""

    passwordless = forms.BooleanField(
        label=_("Let it open my account without the password"), required=False, initial=True
    )
