"""Forms of the team page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Role


def role_choices() -> list[tuple[str, str]]:
    """Return the roles by name, as sentences begin."""
    return [(role.value, str(role.label).capitalize()) for role in Role]


class InviteForm(forms.Form):
    """Whom, as what."""

    email = forms.EmailField(
        label=_("Email"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=role_choices, initial=Role.FRONT_DESK)


class RoleForm(forms.Form):
    """The role of a member."""

    role = forms.ChoiceField(label=_("Role"), choices=role_choices)
