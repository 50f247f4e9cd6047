"""Writes to people, businesses and the two records."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F, Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import Jsonb

from accounts import events as account_events
from accounts import presence, profiles, queries
from accounts.models import (
    AuditEntry,
    Business,
    Contact,
    Device,
    Invitation,
    Membership,
    Role,
    SecurityEntry,
    User,
)
from accounts.onboarding.guesses import RESERVED_SLUGS
from accounts.team import events as team_events
from common import context
from common.client_address import client_address
from common.errors import Conflict
from common.ids import new_public_id
from common.logging import redact
from common.postgres.base import prepared_cursor
from common.text import fold
from events import actions as events

# Stands in the unchangeable part of an audit entry for a value of the erasable one.
PERSONAL: Final = "[personal]"
_LONGEST_VALUE: Final = 2000

# What the customer typed fills blanks only: an address typed by a stranger must not rewrite what
# the business knows of its owner. The update also makes RETURNING yield the existing row.
_CONTACT_COLUMNS = tuple(field.attname for field in Contact._meta.concrete_fields)
_UPSERT_CONTACT = f"""
INSERT INTO accounts_contact
  (public_id, business_id, user_id, name, email, phone, locale, timezone, search_text, created_at)
VALUES (%(public_id)s, %(business)s, NULL, %(name)s, %(email)s, %(phone)s, %(locale)s,
        %(timezone)s, %(search_text)s, now())
ON CONFLICT (business_id, lower(email)) WHERE NOT (email = '')
DO UPDATE SET phone = CASE WHEN accounts_contact.phone = '' THEN EXCLUDED.phone
                           ELSE accounts_contact.phone END
RETURNING {", ".join(_CONTACT_COLUMNS)}
"""  # noqa: S608  column names of our own model

_SECURITY_ENTRY = f"""
INSERT INTO {SecurityEntry._meta.db_table}
  (kind, severity, subject, business, address, detail, request_id, once_key)
VALUES (%(kind)s, %(severity)s, %(subject)s, %(business)s, %(address)s, %(detail)s,
        %(request_id)s, %(once_key)s)
ON CONFLICT (once_key) DO NOTHING
"""  # noqa: S608  a table's name


@transaction.atomic
def create_business(*, owner: User, slug: str, name: str, **profile: Any) -> Business:
    """Set up a business owned by the user; raises ValidationError on a bad or taken field."""
    if slug in RESERVED_SLUGS:
        raise ValidationError({"slug": _("This address is taken.")})
    business = Business(slug=slug, name=name, **profile)
    business.full_clean()
    business.save()
    Membership.objects.create(user=owner, business=business, role=Role.OWNER)
    events.record(account_events.business_created(business, actor=owner.public_id))
    if business.is_active:
        events.record(account_events.business_opened(business, actor=owner.public_id))
    return business


@transaction.atomic
def update_business(*, business_id: int, actor: str, **changes: Any) -> Business:
    """Change profile fields; raises ValidationError. The same values again change nothing.

    Raises Conflict when somebody without a second factor would require it: they would shut
    themselves out.
    """
    business = Business.objects.select_for_update().get(pk=business_id)
    changed = {name: value for name, value in changes.items() if getattr(business, name) != value}
    if not changed:
        return business
    if changed.get("requires_second_factor") and not _has_second_factor(actor):
        raise Conflict(_("Set up your own second step first, then ask your members for theirs."))
    before = {name: getattr(business, name) for name in changed}
    for name, value in changed.items():
        setattr(business, name, value)
    business.version += 1
    business.full_clean()
    business.save()
    profiles.drop_after_commit(business, former_slug=str(before.get("slug", "")))
    record_audit(
        actor=actor,
        action="business.update",
        business=business.public_id,
        subject=business.public_id,
        before=before,
        after=changed,
        personal_fields=Business.personal_fields,
    )
    events.record(account_events.business_updated(business, actor=actor))
    return business


def _has_second_factor(actor: str) -> bool:
    user = queries.find_user(actor)
    return user is not None and queries.has_second_factor(user.pk)


@transaction.atomic
def add_member(*, business: Business, user: User, role: Role, actor: str) -> Membership:
    """Give the user a role in the business, or change the one they have; repeats safely.

    Raises Conflict when its last owner would become something else.
    """
    Business.objects.select_for_update().get(pk=business.pk)
    known = Membership.objects.filter(business=business, user=user).first()
    if known is not None and known.role == role:
        return known
    if role != Role.OWNER:
        _keep_an_owner(known)
    membership, _created = Membership.objects.update_or_create(
        business=business, user=user, defaults={"role": role}
    )
    before = known.role if known else ""
    record_audit(
        actor=actor,
        action="member.set_role",
        business=business.public_id,
        subject=user.public_id,
        before={"role": before} if known else {},
        after={"role": role.value},
    )
    if known and role != Role.OWNER:
        _withdraw_invitations(business, user)
    kind = team_events.MEMBER_ROLE_CHANGED if known else team_events.MEMBER_JOINED
    events.record(
        team_events.of_member(kind, business, user, role=role.value, before=before, actor=actor)
    )
    return membership


def resolve_contact(
    *,
    business: Business,
    name: str,
    email: str = "",
    phone: str = "",
    locale: str = "en",
    timezone: str = "",
    user: User | None = None,
) -> Contact:
    """Return the business's contact for this person, made when there is none.

    A signed-in `user` is found by account first; only a user with the same verified address is
    tied to a contact found by address. Repeats safely; needs the caller's transaction.
    """
    if user is not None:
        known = Contact.objects.filter(business=business, user=user).first()
        if known is not None:
            return known
    email = email.strip()
    parameters: dict[str, str | int] = {
        "public_id": new_public_id("ctc"),
        "business": business.pk,
        "name": name.strip(),
        "email": email,
        "phone": phone.strip(),
        "locale": locale,
        "timezone": timezone,
        "search_text": fold(name, email, phone),
    }
    with prepared_cursor() as cursor:
        cursor.execute(_UPSERT_CONTACT, parameters)
        row = cursor.fetchone()
    assert row is not None  # the statement returns the row, new or known  # noqa: S101
    contact = Contact.from_db("default", _CONTACT_COLUMNS, row)
    contact.business = business
    if user is not None and contact.user_id is None and email.lower() == user.email.lower():
        contact.user = user
        contact.save(update_fields=["user"])
    return contact


@transaction.atomic
def claim_contacts(*, user: User) -> int:
    """Tie the contacts that carry the user's verified address to the account; returns how many.

    The caller has proof that the address is the user's. Repeats safely.
    """
    count = 0
    contacts = (
        Contact.objects.select_for_update(of=("self",))
        .select_related("business")
        .filter(email__iexact=user.email, user__isnull=True)
        .exclude(business__contacts__user=user)
        .order_by("pk")
    )
    for contact in contacts:
        contact.user = user
        contact.save(update_fields=["user"])
        events.record(account_events.contact_claimed(contact, actor=user.public_id))
        count += 1
    return count


def record_audit(
    *,
    actor: str,
    action: str,
    subject: str = "",
    business: str = "",
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    personal_fields: Collection[str] = (),
) -> None:
    """Append who did what; written in the caller's transaction, so both stand or fall together.

    Values of `personal_fields`, the caller's address and browser go into the erasable column.
    Secrets are masked.
    """
    told = {"before": _told(before), "after": _told(after)}
    personal: dict[str, Any] = _origin()
    for part, values in told.items():
        own = {name: values[name] for name in values if name in personal_fields}
        told[part] = redact(values) | dict.fromkeys(own, PERSONAL)
        if own:
            personal[part] = own
    AuditEntry.objects.create(
        actor=actor or "system",
        action=action,
        subject=subject,
        business=business,
        reason=reason,
        before=told["before"],
        after=told["after"],
        request_id=context.request_id.get(),
        personal=personal or None,
    )


def _told(values: Mapping[str, Any] | None) -> dict[str, str]:
    return {name: _text(value)[:_LONGEST_VALUE] for name, value in (values or {}).items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Model):
        return str(getattr(value, "public_id", "") or value.pk or "")
    if isinstance(value, list | tuple | set | QuerySet):
        return ", ".join(_text(item) for item in value)
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _origin() -> dict[str, Any]:
    """Return from where the request being answered came; nothing in tasks and commands."""
    request = context.request.get()
    if request is None:
        return {}
    found = {
        "address": client_address(request),
        "agent": request.headers.get("User-Agent", "").replace("\x00", "")[:200],
    }
    return {name: value for name, value in found.items() if value}


def record_security(
    *,
    kind: str,
    severity: str = SecurityEntry.Severity.WARNING,
    subject: str = "",
    business: str = "",
    address: str | None = None,
    detail: Mapping[str, Any] | None = None,
    once_key: str | None = None,
) -> None:
    """Append a security entry; with a `once_key` seen before nothing is added."""
    values: dict[str, Any] = {
        "kind": kind,
        "severity": severity,
        "subject": subject,
        "business": business,
        "address": address or None,
        "detail": Jsonb(redact(dict(detail or {}))),
        "request_id": context.request_id.get(),
        "once_key": once_key,
    }
    # By hand: floods of refused and repeated requests come through here.
    with connection.cursor() as cursor:
        cursor.execute(_SECURITY_ENTRY, values)


@transaction.atomic
def update_profile(*, user_id: int, actor: str, **changes: Any) -> User:
    """Change name, phone, language or zone of an account; raises ValidationError."""
    user = User.objects.select_for_update().get(pk=user_id)
    changed = {name: value for name, value in changes.items() if getattr(user, name) != value}
    if not changed:
        return user
    before = {name: getattr(user, name) for name in changed}
    for name, value in changed.items():
        setattr(user, name, value)
    user.full_clean(exclude=["password"])
    user.save(update_fields=list(changed))
    record_audit(
        actor=actor,
        action="user.update_profile",
        subject=user.public_id,
        before=before,
        after=changed,
        personal_fields=User.personal_fields,
    )
    return user


@transaction.atomic
def remove_member(*, membership_id: int, actor: str, reason: str) -> None:
    """End a person's place in a business; raises Conflict for its last owner. Repeats safely."""
    membership = Membership.objects.select_related("business", "user").filter(pk=membership_id)
    found = membership.first()
    if found is None:
        return
    Business.objects.select_for_update().get(pk=found.business_id)
    _keep_an_owner(membership.first())
    record_audit(
        actor=actor,
        action="member.remove",
        business=found.business.public_id,
        subject=found.user.public_id,
        reason=reason,
        before={"role": found.role},
    )
    _withdraw_invitations(found.business, found.user)
    events.record(
        team_events.of_member(
            team_events.MEMBER_REMOVED,
            found.business,
            found.user,
            role="",
            before=found.role,
            actor=actor,
        )
    )
    found.delete()


def _withdraw_invitations(business: Business, inviter: User) -> None:
    """End what somebody who may not invite any more has open, or it would let others in."""
    Invitation.objects.filter(
        business=business, invited_by=inviter, status=Invitation.Status.OPEN
    ).update(status=Invitation.Status.CANCELED, ended_at=timezone.now())


def _keep_an_owner(leaving: Membership | None) -> None:
    """Raise Conflict for a business's last owner; the business is locked."""
    if leaving is None or leaving.role != Role.OWNER:
        return
    owners = Membership.objects.filter(business_id=leaving.business_id, role=Role.OWNER)
    if owners.count() == 1:
        raise Conflict(_("A business keeps at least one owner."))


@transaction.atomic
def set_user_active(*, user_id: int, is_active: bool, actor: str, reason: str) -> User:
    """Lock or unlock an account; a locked one is signed out everywhere. Repeats safely.

    Raises Conflict when somebody would lock themselves out.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    if user.is_active == is_active:
        return user
    if user.public_id == actor:
        raise Conflict(_("Ask somebody else to change your own access."))
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    if not is_active:
        end_sessions(user=user, actor=actor)
    transaction.on_commit(lambda: presence.drop(user.public_id))
    record_audit(
        actor=actor,
        action="user.unlock" if is_active else "user.lock",
        subject=user.public_id,
        reason=reason,
        before={"is_active": not is_active},
        after={"is_active": is_active},
    )
    return user


def set_password(*, user: User, password: str, actor: str) -> None:
    """Give the account a new password; every session made with the old one ends.

    The caller has checked it with the validators. Takes over a second, before the transaction;
    raises Busy.
    """
    user.set_password(password)
    with transaction.atomic():
        # Nothing else of the row: it may have been locked or changed while this was computed.
        user.save(update_fields=["password"])
        record_audit(actor=actor, action="user.set_password", subject=user.public_id)
        events.record(account_events.user_sessions_ended(user, actor=actor))


@transaction.atomic
def record_security_change(*, user: User, change: str, actor: str) -> None:
    """Record that how the account is signed in to changed, so that its owner is told by mail."""
    events.record(account_events.user_security_changed(user, change=change, actor=actor))


def end_sessions(*, user: User, actor: str) -> None:
    """End every session and token of the account, whichever way it signed in.

    Each call ends those of now; the account's devices are marked as signed out. Needs the caller's
    transaction.
    """
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    Device.objects.filter(user=user, ended_at=None).update(
        ended_at=timezone.now(), session_key=None, refresh_id=""
    )
    events.record(account_events.user_sessions_ended(user, actor=actor))


@transaction.atomic
def set_admin_access(*, user_id: int, is_staff: bool, actor: str, reason: str) -> User:
    """Let an account open the admin or no longer; raises Conflict for one's own. Repeats safely."""
    user = User.objects.select_for_update().get(pk=user_id)
    if user.is_staff == is_staff:
        return user
    if user.public_id == actor:
        raise Conflict(_("Ask somebody else to change your own access."))
    user.is_staff = is_staff
    user.save(update_fields=["is_staff"])
    record_audit(
        actor=actor,
        action="user.allow_admin" if is_staff else "user.refuse_admin",
        subject=user.public_id,
        reason=reason,
        before={"is_staff": not is_staff},
        after={"is_staff": is_staff},
    )
    return user
