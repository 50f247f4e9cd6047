"""What follows by itself: operators get each day's seal of the audit log."""

import datetime as dt
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from accounts.models import AuditDigest
from events import registry
from events.lanes import Lane

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
