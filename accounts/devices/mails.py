"""The mail that tells of a sign-in on a new device."""

import datetime as dt
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import get_language, override, pgettext, to_locale
from django.utils.translation import gettext as _

from accounts.devices.agents import describe
from accounts.mails import letter_mail
from accounts.models import Device


def new_device_mail(device: Device) -> EmailMultiAlternatives:
    """Return the mail, in the language and zone of the account."""
    user = device.user
    with override(user.locale):
        rows = [
            (_("Device"), describe(device.user_agent)),
            (_("When"), _moment(device.created_at, user.timezone or "UTC")),
        ]
        if device.address:
            rows.append((_("Network address"), str(device.address)))
        if device.country:
            rows.append((_("Country"), device.country))
        return letter_mail(
            letter={
                "title": _("New sign-in to your account"),
                "lead": _("Somebody, most likely you, signed in on a device we had not seen."),
                "rows": tuple(rows),
                "tone": "attention",
                "tone_label": pgettext("email", "Please note"),
                "button": (_("See your devices"), settings.SITE_URL + reverse("account_devices")),
                "note": _("If it was not you, sign that device out and change your password."),
            },
            sender=settings.DEFAULT_FROM_EMAIL,
            to=[user.email],
        )


def _moment(at: dt.datetime, zone: str) -> str:
    locale = to_locale(get_language() or "en")
    local = at.astimezone(ZoneInfo(zone))
    return f"{format_datetime(local, 'long', locale=locale)}"
