"""Sending one queued message, as the relay asks for it.

Rules of a second try: a refusal for good ends the row; a wait the receiver asked for costs no
attempt; an outcome nobody knows is repeated once where a repeat does little harm, else it ends
`unknown`. Eight attempts take about half an hour.
"""

import logging
import random

from django.utils import timezone, translation

from accounts.mails import SITE_ACCENT, SITE_NAME
from accounts.models import Business
from events.errors import GiveUp, Retry
from events.lanes import Lane
from events.models import Event
from events.registry import WorkKind
from notifications import actions, catalogue, recipients
from notifications.errors import TransportError
from notifications.letters.base import Letter, Scene
from notifications.models import BusinessChannel, Notification
from notifications.recipients import Person
from notifications.transports import registry as transports
from notifications.transports.base import Brand, Message, Transport

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 8
WAITS = (5, 15, 60, 180, 360, 480, 700)
Status = Notification.Status


def send(notification: Notification) -> None:
    """Send the message once, or raise what should happen to its row. A sent one stays sent."""
    if notification.status == Status.SENT:
        return None
    if notification.expires_at and notification.expires_at <= timezone.now():
        return _end(notification, Status.EXPIRED, "too late to be of use")
    event = Event.objects.filter(public_id=notification.event_id).first()
    route = catalogue.find_route(notification.event_type, notification.topic, notification.audience)
    person = recipients.find_person(notification.recipient, notification.business)
    is_orphan = event is not None and event.business and notification.business is None
    if event is None or route is None or is_orphan:
        return _end(notification, Status.SUPPRESSED, "nothing to write from any more")
    if route.still_true and not route.still_true(event):
        return _end(notification, Status.SUPPRESSED, "no longer true")
    address = _address(notification, person) if person else ""
    if person is None or not address:
        return _end(notification, Status.SUPPRESSED, "the recipient has no such address")
    transport = transports.get(notification.channel)
    _begin(notification, transport)
    with translation.override(person.locale):
        letter = route.letter(Scene(event, notification.business, person, route.audience))
        message = _message(notification, event, person, address, letter)
        try:
            provider_id = transport.send(message)
        except TransportError as error:
            _failed(notification, transport, error)
    _set(
        notification,
        status=Status.SENT,
        sent_at=timezone.now(),
        provider_id=provider_id[:250],
        title=letter.title[:250],
        body=letter.lead,
        reason="",
    )
    return None


def _address(notification: Notification, person: Person) -> str:
    if notification.recipient.startswith("chn_"):
        channel = BusinessChannel.objects.get(public_id=notification.recipient)
        return channel.address
    return {"email": person.email, "sms": person.phone, "in_app": person.user_id}.get(
        notification.channel, ""
    )


def _message(
    notification: Notification, event: Event, person: Person, address: str, letter: Letter
) -> Message:
    return Message(
        id=notification.public_id,
        address=address,
        name=person.name,
        locale=person.locale,
        topic=notification.topic,
        subject=notification.subject,
        letter=letter,
        brand=_brand(notification.business),
        happened_at=event.at,
    )


def _brand(business: Business | None) -> Brand:
    if business is None:
        return Brand(id="", name=SITE_NAME, accent=SITE_ACCENT, page="/")
    return Brand(
        id=business.public_id,
        name=business.name,
        accent=business.accent,
        email=business.email,
        phone=business.phone,
        address=business.address,
        page=f"/book/{business.slug}",
    )


def _begin(notification: Notification, transport: Transport) -> None:
    """Note that sending starts; one found started was cut off, so its outcome is unknown."""
    was_cut_off = notification.status == Status.SENDING
    if was_cut_off and (notification.is_repeated or not transport.can_repeat):
        _set(notification, status=Status.UNKNOWN, reason="its process died while sending")
        raise GiveUp("it may have been sent: its process died while sending")
    _set(
        notification,
        status=Status.SENDING,
        is_repeated=notification.is_repeated or was_cut_off,
    )


def _failed(notification: Notification, transport: Transport, error: TransportError) -> None:
    """Say by the raised exception what happens to the row."""
    reason = str(error)[:200]
    if error.address_is_dead and notification.recipient.startswith("chn_"):
        actions.disable_channel(channel_id=notification.recipient, reason=reason)
    if error.is_permanent:
        _set(notification, status=Status.FAILED, reason=reason)
        raise GiveUp(reason) from None
    if error.is_uncertain and (notification.is_repeated or not transport.can_repeat):
        _set(notification, status=Status.UNKNOWN, reason=reason)
        raise GiveUp(f"it may have been sent: {reason}") from None
    _set(
        notification,
        status=Status.QUEUED,
        reason=reason,
        is_repeated=notification.is_repeated or error.is_uncertain,
    )
    if error.retry_after is not None:
        raise Retry(reason, after=error.retry_after, counts=False) from None
    raise Retry(reason, after=wait_after(notification.attempts)) from None


def wait_after(attempts: int) -> float:
    """Return the seconds to wait after that many earlier attempts, varied by a fifth."""
    step = WAITS[min(attempts, len(WAITS) - 1)]
    return step * random.uniform(0.8, 1.2)  # noqa: S311  jitter, not a secret


def _end(notification: Notification, status: Notification.Status, reason: str) -> None:
    _set(notification, status=status, reason=reason)


def _set(notification: Notification, **values: object) -> None:
    for name, value in values.items():
        setattr(notification, name, value)
    Notification.objects.filter(pk=notification.pk).update(**values)


def note_death(notification: Notification) -> None:
    """Let the status say what the dead row means; an unknown outcome stays unknown."""
    Notification.objects.filter(pk=notification.pk).exclude(
        status__in=[Status.UNKNOWN, Status.SENT]
    ).update(status=Status.FAILED)


def _load(ids: list[int]) -> list[Notification]:
    return list(Notification.objects.select_related("business").filter(pk__in=ids))


KIND = WorkKind(
    model=Notification,
    run=send,
    lanes=(Lane.DEFAULT, Lane.BULK),
    max_attempts=lambda _row: MAX_ATTEMPTS,
    load=_load,
    on_dead=note_death,
)
