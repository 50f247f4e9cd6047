"""What this app itself holds of a person: account, profile, customers, records, sessions."""

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import connection, models
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from accounts.models import (
    AuditEntry,
    Device,
    Invitation,
    Membership,
    SecurityEntry,
    Staff,
    User,
)
from accounts.privacy.holders import ERASED, Holder, Subject, listed
from accounts.sign_out import delete_sessions
from common import idempotency

# The keys of an event's data under which a person's words or name may stand.
_EVENT_KEYS = ("name", "cancel_reason", "reason", "author_name")
_CLEAN_EVENTS = """
UPDATE events_event SET data = data || (
  SELECT jsonb_object_agg(key, '""'::jsonb) FROM jsonb_object_keys(data) AS key
  WHERE key = ANY(%(keys)s))
WHERE subject = ANY(%(subjects)s) AND data ?| %(keys)s
"""


def _export(subject: Subject) -> dict[str, Any]:
    found: dict[str, Any] = {
        "known_as_customer": [
            {
                "business": contact.business.name,
                "name": contact.name,
                "email": contact.email,
                "phone": contact.phone,
                "language": contact.locale,
                "time_zone": contact.timezone,
                "since": contact.created_at,
            }
            for contact in subject.contacts
        ]
    }
    user = subject.user
    if user is None:
        return found
    account = User.objects.filter(pk=user.pk)
    names = ("public_id", "email", "full_name", "phone", "locale", "timezone")
    found["account"] = listed(account, *names, "date_joined", "last_login")[0]
    emails = EmailAddress.objects.filter(user=user).order_by("pk")
    found["email_addresses"] = listed(emails, "email", "verified", "primary")
    places = Membership.objects.filter(user=user).order_by("pk")
    found["works_for"] = listed(places, "business__name", "role", "created_at")
    profile = Staff.objects.filter(user=user)
    found["working_profile"] = listed(profile, "display_name", "title", "bio")
    invited = _invitations(user).order_by("pk")
    found["invitations"] = listed(invited, "business__name", "email", "role", "created_at")
    elsewhere = SocialAccount.objects.filter(user=user).order_by("pk")
    found["connected_accounts"] = listed(elsewhere, "provider", "uid", "extra_data", "date_joined")
    devices = Device.objects.filter(user=user).order_by("pk")
    seen_as = ("kind", "address", "country", "user_agent", "created_at", "last_seen_at")
    found["devices"] = listed(devices, *seen_as, "ended_at")
    seen = SecurityEntry.objects.filter(subject=user.public_id).order_by("pk")
    found["sign_ins"] = listed(seen, "at", "kind", "address")
    acts = AuditEntry.objects.filter(actor=user.public_id).order_by("pk")
    found["acts"] = listed(acts, "at", "action", "subject", "personal")
    return found


def _invitations(user: User) -> models.QuerySet[Invitation]:
    """Return those the person took up and those that went to one of their proven addresses."""
    wanted = models.Q(accepted_by=user)
    for email in EmailAddress.objects.filter(user=user, verified=True).values_list(
        "email", flat=True
    ):
        wanted |= models.Q(email__iexact=email)
    return Invitation.objects.filter(wanted)


def _objects(subject: Subject) -> Iterable[str]:
    return _invitations(subject.user).values_list("public_id", flat=True) if subject.user else ()


def _files(subject: Subject) -> Iterable[tuple[str, FieldFile]]:
    staff = getattr(subject.user, "staff", None)
    if staff is not None and staff.photo:
        yield f"photo/{staff.photo.name.rsplit('/', 1)[-1]}", staff.photo


def _erase(subject: Subject) -> int:
    count = 0
    for contact in subject.contacts:
        contact.name, contact.email, contact.phone = ERASED, "", ""
        contact.timezone, contact.user = "", None
        contact.save()
        count += 1
    if subject.user is not None:
        count += _erase_account(subject.user)
    return count


def _erase_account(user: User) -> int:
    # They name the address the person signed in with.
    count = delete_sessions(user)
    invited = list(_invitations(user).values_list("pk", flat=True))
    rows = Invitation.objects.filter(pk__in=invited)
    rows.filter(status=Invitation.Status.OPEN).update(
        status=Invitation.Status.CANCELED, ended_at=timezone.now()
    )
    count += rows.exclude(email="").update(email="")
    for relation in User._meta.related_objects:
        # What would go with the account goes; the working profile stays, as calendars need it.
        if relation.on_delete is models.CASCADE and relation.related_model is not Staff:
            own = relation.related_model._base_manager.filter(**{relation.field.name: user})
            count += own.delete()[0]
    staff = Staff.objects.filter(user=user)
    count += staff.update(display_name=ERASED, title="", bio="", photo="")
    user.groups.clear()
    user.user_permissions.clear()
    user.email, user.full_name, user.phone = f"{user.public_id}@erased.invalid", "", ""
    user.timezone, user.last_login = "", None
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()
    return int(count) + 1


def clean_records(*, subjects: list[str]) -> int:
    """Take what tells of the person out of the records about these public ids.

    The audit log loses its personal column, the security log addresses and details, events the
    words in their data, and kept API answers that name any of the ids go. Repeats safely.
    """
    told = models.Q(actor__in=subjects) | models.Q(subject__in=subjects)
    count = AuditEntry.objects.filter(told, personal__isnull=False).update(personal=None)
    rows = SecurityEntry.objects.filter(subject__in=subjects)
    count += rows.exclude(address=None, detail={}).update(address=None, detail={})
    with connection.cursor() as cursor:
        cursor.execute(_CLEAN_EVENTS, {"keys": list(_EVENT_KEYS), "subjects": subjects})
        count += int(cursor.rowcount)
    return int(count) + idempotency.forget_about(ids=subjects)


HOLDER = Holder(name="accounts", export=_export, erase=_erase, objects=_objects, files=_files)
