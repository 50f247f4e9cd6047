"""Making, rotating and revoking keys. Each is in the audit log and in the security log."""

import datetime as dt
from functools import partial
from typing import Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.api_keys import reading, scopes, text
from accounts.api_keys.errors import KeyIsNoLongerActive
from accounts.models import ApiKey, Business, SecurityEntry, User
from common.errors import Conflict, ValidationFailed

MAX_KEYS: Final = 50
MAX_OVERLAP: Final = dt.timedelta(days=7)


class TooManyKeys(Conflict):
    """A business holds no more keys that work."""

    code = "TOO_MANY_API_KEYS"
    message = _("This business has 50 keys that work. Revoke one that is not needed any more.")


class KeyMadeAlready(Conflict):
    """The same form was sent twice; the key was shown to the first."""

    code = "API_KEY_MADE_ALREADY"
    message = _("This form was sent twice. The key was made once; revoke it if you did not see it.")


@transaction.atomic
def create_key(
    *,
    business: Business,
    name: str,
    kind: str,
    scopes_: frozenset[str],
    expires_at: dt.datetime | None,
    creator: User,
    now: dt.datetime,
    request_id: str | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; returns its row and the key itself, which is kept nowhere.

    `now` and `expires_at` are aware. The same `request_id` again raises KeyMadeAlready. Raises
    ValidationFailed for unknown scopes, none, or an end that has passed, and TooManyKeys.
    """
    Business.objects.select_for_update().get(pk=business.pk)
    if not scopes_ or scopes_ - scopes.codes():
        raise _wrong("scopes", _("Choose what the key may do."))
    if expires_at is not None and expires_at <= now:
        raise _wrong("expires_at", _("Choose an end that is still to come."))
    if request_id and ApiKey.objects.filter(request_id=request_id).exists():
        raise KeyMadeAlready
    working = ApiKey.objects.filter(business=business, revoked_at=None)
    if sum(row.state_at(now) != ApiKey.State.EXPIRED for row in working) >= MAX_KEYS:
        raise TooManyKeys
    secret = text.new_secret(kind)
    prefix, last4 = text.ends_of(secret)
    key = ApiKey.objects.create(
        business=business,
        name=name,
        kind=kind,
        scopes=sorted(scopes_),
        digest=text.digest(secret),
        prefix=prefix,
        last4=last4,
        created_by=creator,
        created_at=now,
        expires_at=expires_at,
        request_id=request_id,
    )
    _record(key, "create", actor=creator.public_id, after=_told(key))
    return key, secret


@transaction.atomic
def rotate_key(
    *, key_id: int, overlap: dt.timedelta, actor: User, now: dt.datetime
) -> tuple[ApiKey, str]:
    """Replace a key by one that may do the same; the old one lives on for `overlap`.

    Returns the new row and the new key itself. The new one lives as long as the old one was meant
    to. Raises KeyIsNoLongerActive for a key that ended or was rotated before, so of two rotations
    at a time one wins, and ValidationFailed for an overlap of more than MAX_OVERLAP.
    """
    if not dt.timedelta() <= overlap <= MAX_OVERLAP:
        raise _wrong("overlap_hours", _("The old key may live on for at most seven days."))
    old = ApiKey.objects.select_for_update(of=("self",)).select_related("business").get(pk=key_id)
    if old.state_at(now) != ApiKey.State.ACTIVE:
        raise KeyIsNoLongerActive
    lifetime = old.expires_at - old.created_at if old.expires_at else None
    secret = text.new_secret(old.kind)
    prefix, last4 = text.ends_of(secret)
    new = ApiKey.objects.create(
        business=old.business,
        name=old.name,
        kind=old.kind,
        scopes=old.scopes,
        digest=text.digest(secret),
        prefix=prefix,
        last4=last4,
        created_by=actor,
        created_at=now,
        expires_at=now + lifetime if lifetime else None,
        replaces=old,
    )
    old.retires_at = now + overlap
    old.save(update_fields=["retires_at"])
    transaction.on_commit(partial(reading.forget, old.digest), robust=True)
    _record(old, "rotate", actor=actor.public_id, after={**_told(new), "new": new.public_id})
    return new, secret


@transaction.atomic
def revoke_key(*, key_id: int, actor: str, reason: str = "", now: dt.datetime) -> ApiKey:
    """End a key: within seconds no process accepts it any more. Repeats safely."""
    key = ApiKey.objects.select_for_update(of=("self",)).select_related("business").get(pk=key_id)
    if key.revoked_at is not None:
        return key
    key.revoked_at = now
    key.save(update_fields=["revoked_at"])
    transaction.on_commit(partial(reading.forget, key.digest), robust=True)
    _record(key, "revoke", actor=actor, reason=reason)
    return key


def _told(key: ApiKey) -> dict[str, object]:
    return {
        "name": key.name,
        "shown": key.shown,
        "scopes": ", ".join(key.scopes),
        "expires_at": key.expires_at.isoformat() if key.expires_at else "",
    }


def _record(
    key: ApiKey,
    what: str,
    *,
    actor: str,
    reason: str = "",
    after: dict[str, object] | None = None,
) -> None:
    business = key.business.public_id
    actions.record_audit(
        actor=actor,
        action=f"api_key.{what}",
        subject=key.public_id,
        business=business,
        reason=reason,
        after=after,
    )
    actions.record_security(
        kind=f"api_key.{what}",
        severity=SecurityEntry.Severity.INFO,
        subject=key.public_id,
        business=business,
        detail={"by": actor, "shown": key.shown},
    )


def _wrong(field: str, message: str | Promise) -> ValidationFailed:
    return ValidationFailed(details=[{"field": field, "code": "invalid", "message": str(message)}])
