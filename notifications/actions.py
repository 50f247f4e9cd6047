"""Writes of this app: queueing messages, reading the feed, connecting channels."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts import actions as account_actions
from accounts.models import Business, User
from events import actions as events
from events import nudge
from events.lanes import Lane
from events.models import Event
from notifications import catalogue, recipients
from notifications import events as notification_events
from notifications.catalogue import Route
from notifications.errors import BadChannelAddress
from notifications.models import BusinessChannel, FeedItem, Notification
from notifications.recipients import Person
from notifications.transports import registry as transports


@transaction.atomic
def queue_messages(*, event: Event) -> None:
    """Queue what the event's routes say, one row a recipient and channel. Repeats safely."""
    business = Business.objects.filter(public_id=event.business).first()
    rows = [
        row
        for route in catalogue.routes_for(event)
        for recipient in recipients.resolve(route.audience, event)
        for row in _rows_for(event, business, route, recipient)
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        lanes = {Lane(row.lane) for row in rows}
        transaction.on_commit(lambda: nudge.wake(*lanes))


def _rows_for(
    event: Event, business: Business | None, route: Route, recipient: str
) -> Iterable[Notification]:
    person = recipients.find_person(recipient, business)
    if person is None:
        return
    due_at = event.at + route.delay
    expires_at = event.at + route.topic.keep_for
    if route.expires and event.data.get(route.expires):
        expires_at = min(expires_at, dt.datetime.fromisoformat(event.data[route.expires]))
    for channel in route.topic.channels:
        transport = transports.get(channel)
        if not _can_use(person, channel):
            continue
        yield Notification(
            lane=transport.lane,
            key=_key(event, route, recipient, channel),
            due_at=due_at,
            business=business,
            event_id=event.public_id,
            event_type=event.type,
            subject=event.subject,
            topic=route.topic.name,
            audience=route.audience,
            recipient=recipient,
            channel=channel,
            expires_at=expires_at,
        )


def _key(event: Event, route: Route, recipient: str, channel: str) -> str:
    """Return what keeps news of one object to one reader in order.

    A message that waits on purpose has a row of its own to wait in, or it would hold back the
    news that overtakes it.
    """
    key = f"{recipient}:{channel}:{event.subject}"
    return f"{key}:{route.topic.name}" if route.delay else key


def _can_use(person: Person, channel: str) -> bool:
    """Say whether the channel could ever reach the recipient; no row is made when it could not."""
    if person.id.startswith("chn_"):
        return BusinessChannel.objects.filter(public_id=person.id, kind=channel).exists()
    return {
        "email": bool(person.email),
        "sms": bool(person.phone),
        "in_app": bool(person.user_id),
    }.get(channel, False)


@transaction.atomic
def mark_read(*, user: User, ids: Iterable[str] | None = None) -> int:
    """Mark feed lines (public ids; None: all) as read; returns how many were. Repeats safely."""
    rows = FeedItem.objects.filter(user=user, read_at=None)
    if ids is not None:
        rows = rows.filter(public_id__in=list(ids))
    now = timezone.now()
    rows.filter(seen_at=None).update(seen_at=now)
    return rows.update(read_at=now)


@transaction.atomic
def mark_seen(*, user: User) -> int:
    """Mark every feed line as seen: the list was opened. Repeats safely."""
    return FeedItem.objects.filter(user=user, seen_at=None).update(seen_at=timezone.now())


@transaction.atomic
def connect_channel(
    *, business: Business, kind: str, name: str, address: str, actor: str
) -> BusinessChannel:
    """Connect a channel, or give the one of this name a new address; raises BadChannelAddress."""
    if not transports.get(kind).accepts(address):
        raise BadChannelAddress(
            details=[{"field": "address", "message": str(BadChannelAddress.message)}]
        )
    channel, _created = BusinessChannel.objects.update_or_create(
        business=business,
        kind=kind,
        name=name,
        defaults={
            "address": address,
            "is_active": True,
            "disabled_at": None,
            "disabled_reason": "",
        },
    )
    account_actions.record_audit(
        actor=actor,
        action="notification_channel.connect",
        business=business.public_id,
        subject=channel.public_id,
        after={"kind": kind, "name": name},
    )
    return channel


@transaction.atomic
def disconnect_channel(*, channel_id: str, actor: str) -> None:
    """Forget a channel and its address; without one nothing happens."""
    channel = (
        BusinessChannel.objects.select_related("business").filter(public_id=channel_id).first()
    )
    if channel is None:
        return
    account_actions.record_audit(
        actor=actor,
        action="notification_channel.disconnect",
        business=channel.business.public_id,
        subject=channel.public_id,
        before={"kind": channel.kind, "name": channel.name},
    )
    channel.delete()


@transaction.atomic
def disable_channel(*, channel_id: str, reason: str) -> None:
    """Stop writing to a channel that refused for good; its owners are told by other ways."""
    channel = (
        BusinessChannel.objects.select_for_update(of=("self",))
        .select_related("business")
        .filter(public_id=channel_id, is_active=True)
        .first()
    )
    if channel is None:
        return
    channel.is_active, channel.disabled_at = False, timezone.now()
    channel.disabled_reason = reason[:200]
    channel.save(update_fields=["is_active", "disabled_at", "disabled_reason"])
    events.record(notification_events.channel_disabled(channel))
