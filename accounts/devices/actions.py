"""Signing in on a device, being seen there, and signing it out."""

import datetime as dt
from importlib import import_module
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import actions
from accounts.devices import events as device_events
from accounts.devices.places import country_of
from accounts.models import Device, SecurityEntry, User
from events import actions as events

SEEN_EVERY: Final = dt.timedelta(minutes=5)
# After this an ended device's address and program are gone; what tells it from a new one stays.
_PERSONAL_DAYS: Final = 90
_KNOWN_DAYS: Final = 400


@transaction.atomic
def begin_device(
    *,
    user: User,
    kind: Device.Kind,
    session_key: str,
    client_digest: str,
    address: str | None,
    user_agent: str,
) -> Device:
    """Record that the user signed in with this session; tells them when the device is new to them.

    A device is known by its client id, or without one by program and address. The first device of
    an account is new to nobody.
    """
    mine = Device.objects.filter(user=user)
    same = (
        Q(client_digest=client_digest)
        if client_digest
        else Q(user_agent=user_agent, address=address)
    )
    is_new = mine.exists() and not mine.filter(same).exists()
    now = timezone.now()
    device = Device.objects.create(
        user=user,
        kind=kind,
        session_key=session_key,
        client_digest=client_digest,
        address=address,
        country=country_of(address or ""),
        user_agent=user_agent,
        created_at=now,
        last_seen_at=now,
    )
    if is_new:
        actions.record_security(
            kind="device.new",
            severity=SecurityEntry.Severity.INFO,
            subject=user.public_id,
            address=address,
            detail={"device": device.public_id},
        )
        events.record(
            device_events.device_event(device_events.DEVICE_ADDED, device, actor=user.public_id)
        )
    return device


def move_device(*, user: User, device_id: str, session_key: str) -> bool:
    """Tie a live device of the user to its session's new key; says whether there was one."""
    rows = Device.objects.filter(user=user, public_id=device_id, ended_at=None)
    return bool(rows.update(session_key=session_key))


def see_device(*, device_id: str, address: str | None, now: dt.datetime) -> None:
    """Note that a device was seen, unless it was within SEEN_EVERY; one statement."""
    Device.objects.filter(
        public_id=device_id, ended_at=None, last_seen_at__lte=now - SEEN_EVERY
    ).update(last_seen_at=now, address=address, country=country_of(address or ""))


@transaction.atomic
def end_devices(
    *, user: User, only: list[str] | None = None, but: str = "", actor: str, reason: str
) -> int:
    """Sign the user out on the devices named, or on all `but` one; returns how many there were.

    Their sessions and tokens are worth nothing from the commit on, and open sockets are told.
    Repeats safely.
    """
    rows = Device.objects.select_for_update(of=("self",)).filter(user=user, ended_at=None)
    if only is not None:
        rows = rows.filter(public_id__in=only)
    found = list(rows.exclude(public_id=but).select_related("user").order_by("pk"))
    for device in found:
        _end(device, actor=actor)
    if found:
        actions.record_audit(
            actor=actor,
            action="device.end",
            subject=user.public_id,
            reason=reason,
            after={"devices": ", ".join(device.public_id for device in found)},
        )
    return len(found)


@transaction.atomic
def leave_device(*, device_id: str) -> None:
    """Note that the user signed out on the device themselves. Repeats safely."""
    rows = Device.objects.select_for_update(of=("self",)).select_related("user")
    device = rows.filter(public_id=device_id, ended_at=None).first()
    if device is not None:
        _end(device, actor=device.user.public_id)


@transaction.atomic
def end_for_reuse(*, device_id: str, address: str | None) -> None:
    """End a device whose old refresh token was used again: somebody else holds its tokens.

    Raises an alert in the security log. Repeats safely.
    """
    rows = Device.objects.select_for_update(of=("self",)).select_related("user")
    device = rows.filter(public_id=device_id, ended_at=None).first()
    if device is None:
        return
    _end(device, actor="system")
    actions.record_security(
        kind="token.reused",
        severity=SecurityEntry.Severity.ALERT,
        subject=device.user.public_id,
        address=address,
        detail={"device": device.public_id},
    )


def prune_devices(*, now: dt.datetime, limit: int = 1000) -> int:
    """Forget long-ended devices, and before that what is personal of them; returns how many rows.

    Repeats safely.
    """
    old = Device.objects.filter(last_seen_at__lt=now - dt.timedelta(days=_KNOWN_DAYS))
    gone, _ = Device.objects.filter(pk__in=old.values("pk")[:limit]).delete()
    stale = Device.objects.filter(last_seen_at__lt=now - dt.timedelta(days=_PERSONAL_DAYS)).exclude(
        address=None, user_agent="", country=""
    )
    blanked = Device.objects.filter(pk__in=stale.values("pk")[:limit]).update(
        address=None, user_agent="", country=""
    )
    return gone + blanked


def _end(device: Device, *, actor: str) -> None:
    if device.session_key:
        import_module(settings.SESSION_ENGINE).SessionStore().delete(device.session_key)
    device.ended_at, device.session_key, device.refresh_id = timezone.now(), None, ""
    device.save(update_fields=["ended_at", "session_key", "refresh_id"])
    events.record(device_events.device_event(device_events.DEVICE_ENDED, device, actor=actor))
