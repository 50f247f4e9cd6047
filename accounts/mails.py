"""The mails of sign-up, password reset and changed sign-ins, in the form of every other mail."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common.colour import accent_pair
from common.templatetags.frontdesk import locale, zone_name

SITE_NAME: Final = "Frontdesk"
SITE_ACCENT: Final = "#3454d1"


def account_mail(
    *, template_prefix: str, sender: str, to: list[str], context: Mapping[str, Any]
) -> EmailMultiAlternatives | None:
    """Return the mail, text and HTML, in the active language; None for mails without a link."""
    letter = _letter(template_prefix, context)
    return letter_mail(letter=letter, sender=sender, to=to) if letter else None


def change_mail(
    *, change: str, at: dt.datetime, timezone: str, sender: str, to: str
) -> EmailMultiAlternatives | None:
    """Return the mail that tells of a changed sign-in, in the active language.

    `change` is the last part of the library's name for it; None for one nobody need hear of.
    `at` is aware; the mail names it in the IANA zone given.
    """
    told = _changes().get(change)
    if told is None:
        return None
    title, lead = told
    local = at.astimezone(ZoneInfo(timezone))
    when = format_datetime(local, "medium", locale=locale())
    letter = {
        "title": title,
        "lead": lead,
        "rows": ((_("When"), f"{when} ({zone_name(timezone)})"),),
        "button": (_("Look at my settings"), settings.SITE_URL + reverse("account_settings")),
        "note": _("If it was not you, choose a new password at once, and tell us."),
    }
    return letter_mail(letter=letter, sender=sender, to=[to])


def letter_mail(*, letter: Mapping[str, Any], sender: str, to: list[str]) -> EmailMultiAlternatives:
    """Return a mail in the product's own form, text and HTML, in the active language.

    The letter has `title`, `lead`, `button` (label, address), `note`, and if it wants `rows` and
    `tone` with its `tone_label`.
    """
    shown = {
        "letter": {"rows": (), "tone": "neutral", **letter},
        "brand": {"name": SITE_NAME},
        "accent": accent_pair(SITE_ACCENT).light,
        "locale": get_language(),
    }
    mail = EmailMultiAlternatives(
        letter["title"], render_to_string("emails/letter.txt", shown), sender, to
    )
    mail.attach_alternative(render_to_string("emails/letter.html", shown), "text/html")
    return mail


def _changes() -> dict[str, tuple[str, str]]:
    password = (
        _("Your password was changed"),
        _("The password of your account was changed. Other devices were signed out."),
    )
    added = _("You can now confirm your sign-in with it.")
    removed = _("It is no longer asked for when you sign in.")
    return {
        "password_changed": password,
        "password_reset": password,
        "password_set": (
            _("Your account has a password"),
            _("You can now sign in with your email address and this password."),
        ),
        "totp_activated": (_("An authenticator app was added"), added),
        "totp_deactivated": (_("Your authenticator app was removed"), removed),
        "webauthn_added": (_("A passkey was added"), added),
        "webauthn_removed": (_("A passkey was removed"), removed),
        "recovery_codes_generated": (
            _("You have new backup codes"),
            _("The ones you had before no longer work."),
        ),
        "second_factors_removed": (
            _("Your second step was removed"),
            _(
                "Our staff removed it because it was reported as lost. You were signed out "
                "everywhere; sign in with your password and set up a new one."
            ),
        ),
        "account_connected": (
            _("Another way to sign in was added"),
            _("An account elsewhere was connected to yours and can now open it."),
        ),
        "account_disconnected": (
            _("A way to sign in was removed"),
            _("An account elsewhere no longer opens yours."),
        ),
    }


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
