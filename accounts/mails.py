"""The mails of sign-up and password reset, in the form of every other mail of the product."""

from collections.abc import Mapping
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common.colour import accent_pair

_NAME = "Frontdesk"
_ACCENT = "#3454d1"


def account_mail(
    *, template_prefix: str, sender: str, to: list[str], context: Mapping[str, Any]
) -> EmailMultiAlternatives | None:
    """Return the mail, text and HTML, in the active language; None for mails without a link."""
    letter = _letter(template_prefix, context)
    if letter is None:
        return None
    return letter_mail(letter=letter, sender=sender, to=to)


def letter_mail(*, letter: Mapping[str, Any], sender: str, to: list[str]) -> EmailMultiAlternatives:
    """Return a mail in the product's own form, text and HTML, in the active language.

    The letter has `title`, `lead`, `button` (label, address), `note`, and if it wants `rows` and
    `tone` with its `tone_label`.
    """
    shown = {
        "letter": {"rows": (), "tone": "neutral", **letter},
        "brand": {"name": _NAME},
        "accent": accent_pair(_ACCENT).light,
        "locale": get_language(),
    }
    mail = EmailMultiAlternatives(
        letter["title"], render_to_string("emails/letter.txt", shown), sender, to
    )
    mail.attach_alternative(render_to_string("emails/letter.html", shown), "text/html")
    return mail


def _letter(template_prefix: str, context: Mapping[str, Any]) -> dict[str, Any] | None:
    kind = template_prefix.rsplit("/", 1)[-1]
    if kind in {"email_confirmation", "email_confirmation_signup"} and "activate_url" in context:
        return {
            "title": _("Confirm your email address"),
            "lead": _("One click, and the address is yours to sign in with."),
            "button": (_("Confirm address"), context["activate_url"]),
            "note": _("If you did not create an account here, leave this mail alone."),
        }
    if kind == "password_reset_key":
        return {
            "title": _("Choose a new password"),
            "lead": _("Somebody, most likely you, asked for a new password for this address."),
            "button": (_("Choose a new password"), context["password_reset_url"]),
            "note": _("If it was not you, leave this mail alone: your password stays as it is."),
        }
    return None
