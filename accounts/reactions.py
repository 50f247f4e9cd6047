"""What follows by itself from a fact about an account: mails to its owner and to operators."""

import datetime as dt
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.devices.mails import new_device_mail
from accounts.devices.queries import find_device
from accounts.mails import change_mail
from accounts.models import AuditDigest, User
from events import registry
from events.lanes import Lane
from events.models import Event

MAIL_SEAL: Final = "accounts.mail_audit_seal"


@registry.state(MAIL_SEAL, lane=Lane.BULK)
def mail_seal(subject: str) -> None:
    """Mail the day's digest to settings.OPERATOR_EMAILS; a repeat has the same Message-ID."""
    day = dt.date.fromisoformat(subject.partition(":")[2])
    seal = AuditDigest.objects.filter(day=day).first()
    if seal is None or not settings.OPERATOR_EMAILS:
        return
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    EmailMessage(
        _("Audit log of %(day)s") % {"day": day},
        _(
            "Rows: %(rows)d\nDigest: %(digest)s\n\nKeep this mail: "
            "`manage.py verify_audit_log --expect %(day)s=%(digest)s` shows whether the log of "
            "this day and of all before it is still what it was."
        )
        % {"day": day, "rows": seal.row_count, "digest": seal.digest},
        to=settings.OPERATOR_EMAILS,
        headers={"Message-ID": f"<audit-{day}@{host}>", "Auto-Submitted": "auto-generated"},
    ).send()


@registry.fact("accounts.tell_security_change", on="user.security_changed")
def tell_security_change(event: Event) -> None:
    """Mail the person what changed about their sign-in. A crash while sending may send it twice."""
    user = User.objects.filter(public_id=event.subject, is_active=True).first()
    if user is None:
        return
    with translation.override(user.locale):
        mail = change_mail(
            change=event.data["change"],
            at=event.at,
            timezone=user.timezone or "UTC",
            sender=settings.DEFAULT_FROM_EMAIL,
            to=user.email,
        )
        if mail is not None:
            mail.send()


@registry.fact("accounts.tell_new_device", on="device.added")
def tell_new_device(event: Event) -> None:
    """Write to the account's address, unless the device was signed out already.

    A crash between sending and marking sends the mail twice.
    """
    device = find_device(event.subject)
    if device is not None and device.ended_at is None:
        new_device_mail(device).send()
