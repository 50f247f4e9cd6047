"""Making the archive of somebody's data, and the link to it."""

import datetime as dt
import io
import json
import zipfile
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.mails import SITE_ACCENT
from accounts.models import PersonalExport, User
from accounts.privacy import holders
from common import fields
from common.colour import accent_pair
from common.errors import NotFound
from events.lanes import Lane
from events.registry import WorkKind

LIFETIME: Final = dt.timedelta(hours=24)
_SIGNER: Final = signing.TimestampSigner(salt="accounts.personal-export", sep="~")


def make(export: PersonalExport) -> None:
    """Make the archive once, keep it encrypted, and mail the link; a retry mails again."""
    user = export.user
    if export.body is None:
        body = archive(user)
        export.body, export.size = fields.encrypt_bytes(body), len(body)
        export.ready_at = timezone.now()
        export.expires_at = export.ready_at + LIFETIME
        PersonalExport.objects.filter(pk=export.pk).update(
            body=export.body,
            size=export.size,
            ready_at=export.ready_at,
            expires_at=export.expires_at,
        )
    _mail(export, user)


def archive(user: User) -> bytes:
    """Return a zip with one JSON file for each part of the product, and the person's files."""
    subject = holders.subject_of_user(user)
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        for holder in holders.holders():
            found = holder.export(subject)
            packed.writestr(f"{holder.name}.json", _written(found))
            for path, file in holder.files(subject):
                with file.open("rb") as source:
                    packed.writestr(f"{holder.name}/{path}", source.read())
    return kept.getvalue()


def _written(found: Any) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False, default=str) + "\n"


def download_url(export: PersonalExport) -> str:
    """Return the archive's address, good for LIFETIME and for its owner, signed in, only."""
    return reverse("account_export_file", args=[_SIGNER.sign(export.public_id)])


def open_download(*, token: str, user: User) -> bytes:
    """Return the archive; raises NotFound for a forged or old link and for anybody else's."""
    try:
        public_id = _SIGNER.unsign(token, max_age=LIFETIME)
    except signing.BadSignature:
        raise NotFound from None
    export = PersonalExport.objects.filter(public_id=public_id, user=user).first()
    if export is None or export.body is None or export.expires_at is None:
        raise NotFound
    if export.expires_at <= timezone.now():
        raise NotFound
    return fields.decrypt_bytes(bytes(export.body))


def _mail(export: PersonalExport, user: User) -> None:
    with translation.override(user.locale):
        title = _("Your data is ready")
        context = {
            "letter": {
                "title": title,
                "lead": _("The archive you asked for can be fetched for 24 hours, signed in."),
                "button": (_("Fetch my data"), settings.SITE_URL + download_url(export)),
                "note": _("If you did not ask for it, change your password now."),
                "rows": (),
                "tone": "neutral",
            },
            "brand": {"name": "Frontdesk"},
            "accent": accent_pair(SITE_ACCENT).light,
            "locale": translation.get_language(),
        }
        mail = EmailMultiAlternatives(
            title,
            render_to_string("emails/letter.txt", context),
            to=[user.email],
            headers={"Message-ID": f"<{export.public_id}@{_host()}>"},
        )
        mail.attach_alternative(render_to_string("emails/letter.html", context), "text/html")
        mail.send()


def _host() -> str:
    return settings.SITE_URL.partition("://")[2].partition("/")[0].partition(":")[0]


def _load(ids: list[int]) -> list[PersonalExport]:
    return list(PersonalExport.objects.select_related("user").filter(pk__in=ids))


KIND = WorkKind(model=PersonalExport, run=make, lanes=(Lane.BULK,), load=_load)
