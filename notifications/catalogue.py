"""Which event tells whom what: topics and routes.

Events of apps beside and above are named, not imported. A route's letter is written when the
message is sent; `delay` lets news settle that is often overtaken, and `still_true` drops what is
no longer so by then.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from events import registry
from events.models import Event
from notifications.letters import bookings, business, payments, people
from notifications.letters.base import LetterBuilder
from notifications.topics import Topic, TopicClass

BOOKING = Topic("booking", TopicClass.TRANSACTIONAL, ("email", "sms", "in_app"))
PAY_REMINDER = Topic(
    "booking.unpaid", TopicClass.TRANSACTIONAL, ("email",), dt.timedelta(minutes=60)
)
PAYMENT = Topic("payment", TopicClass.TRANSACTIONAL, ("email", "in_app"), dt.timedelta(days=7))
CONVERSATION = Topic("conversation", TopicClass.TRANSACTIONAL, ("email", "in_app"))
DESK_BOOKING = Topic("desk.booking", TopicClass.OPERATIONAL, ("email", "in_app", "discord"))
DESK_PAYMENT = Topic("desk.payment", TopicClass.OPERATIONAL, ("in_app", "discord"))
DESK_ATTENTION = Topic("desk.attention", TopicClass.OPERATIONAL, ("email", "in_app", "discord"))
DESK_CONVERSATION = Topic("desk.conversation", TopicClass.OPERATIONAL, ("in_app", "discord"))
DESK_LEAD = Topic("desk.lead", TopicClass.OPERATIONAL, ("email", "in_app", "discord"))
WELCOME = Topic("welcome", TopicClass.PRODUCT, ("email", "in_app"))
CHANNEL = Topic("channel", TopicClass.OPERATIONAL, ("email", "in_app"), dt.timedelta(days=7))
INVITATION = Topic("invitation", TopicClass.TRANSACTIONAL, ("email",), dt.timedelta(days=7))
TEAM = Topic("team", TopicClass.OPERATIONAL, ("email", "in_app"), dt.timedelta(days=7))
TOPICS = (
    BOOKING,
    PAY_REMINDER,
    PAYMENT,
    CONVERSATION,
    DESK_BOOKING,
    DESK_PAYMENT,
    DESK_ATTENTION,
    DESK_CONVERSATION,
    DESK_LEAD,
    WELCOME,
    CHANNEL,
    INVITATION,
    TEAM,
)


def _always(_data: dict[str, Any]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Route:
    """One audience told about one type of event."""

    event_type: str
    audience: str
    topic: Topic
    letter: LetterBuilder
    when: Callable[[dict[str, Any]], bool] = _always
    delay: dt.timedelta = dt.timedelta()
    still_true: Callable[[Event], bool] | None = None
    expires: str = ""  # the name of an instant in the data after which the news is worthless


def _has_same_status(event: Event) -> bool:
    now = registry.current(event.subject)
    return now is None or str(getattr(now, "status", "")) == event.data["status"]


def _is_newest(event: Event) -> bool:
    now = registry.current(event.subject)
    return now is None or getattr(now, "version", 0) == event.data["version"]


def _by_customer(data: dict[str, Any]) -> bool:
    return bool(data["side"] == "customer")


def _by_business(data: dict[str, Any]) -> bool:
    return not _by_customer(data)


def _desk(event_type: str, topic: Topic, letter: LetterBuilder, **more: Any) -> list[Route]:
    """Tell the members of the desk and the business's own channels alike."""
    return [
        Route(event_type, audience, topic, letter, **more)
        for audience in ("desk", "channel")
        if audience == "desk" or "discord" in topic.channels
    ]


ROUTES: list[Route] = [
    # Most pay within two minutes; only who stopped half-way is reminded.
    Route(
        "booking.created",
        "customer",
        PAY_REMINDER,
        bookings.received,
        when=lambda data: data["status"] == "pending" and bool(data["hold_expires_at"]),
        delay=dt.timedelta(minutes=2),
        still_true=_has_same_status,
        expires="hold_expires_at",
    ),
    Route("booking.requested", "customer", BOOKING, bookings.requested),
    *_desk("booking.requested", DESK_BOOKING, bookings.requested),
    Route("booking.approved", "customer", BOOKING, bookings.approved, still_true=_has_same_status),
    Route("booking.confirmed", "customer", BOOKING, bookings.confirmed),
    *_desk("booking.confirmed", DESK_BOOKING, bookings.confirmed),
    Route("booking.rescheduled", "customer", BOOKING, bookings.rescheduled),
    *_desk("booking.rescheduled", DESK_BOOKING, bookings.rescheduled),
    Route("booking.canceled", "customer", BOOKING, bookings.canceled),
    *_desk("booking.canceled", DESK_BOOKING, bookings.canceled),
    Route("booking.expired", "customer", BOOKING, bookings.expired, still_true=_has_same_status),
    Route(
        "conversation.message_posted",
        "customer",
        CONVERSATION,
        bookings.message_posted,
        when=_by_business,
    ),
    *_desk(
        "conversation.message_posted", DESK_CONVERSATION, bookings.message_posted, when=_by_customer
    ),
    Route("payment.succeeded", "customer", PAYMENT, payments.receipt),
    *_desk("payment.succeeded", DESK_PAYMENT, payments.receipt),
    # Most such payments settle within half a minute.
    Route(
        "payment.uncertain",
        "customer",
        PAYMENT,
        payments.uncertain,
        delay=dt.timedelta(seconds=30),
        still_true=_has_same_status,
    ),
    Route("payment.review_opened", "customer", PAYMENT, payments.in_review),
    *_desk("payment.review_opened", DESK_ATTENTION, payments.in_review),
    Route("refund.succeeded", "customer", PAYMENT, payments.refunded),
    *_desk("refund.failed", DESK_ATTENTION, payments.refund_failed),
    *_desk("lead.created", DESK_LEAD, business.lead_created),
    Route("business.opened", "owner", WELCOME, business.welcome),
    Route("user.registered", "person", WELCOME, people.registered),
    Route("invitation.sent", "person", INVITATION, people.invited, still_true=_is_newest),
    Route("invitation.accepted", "owner", TEAM, people.joined),
    Route("member.role_changed", "person", TEAM, people.role_changed),
    Route("member.removed", "person", TEAM, people.removed),
    Route("notification_channel.disabled", "owner", CHANNEL, business.channel_disabled),
]
EVENT_TYPES = tuple(sorted({route.event_type for route in ROUTES}))


def routes_for(event: Event) -> list[Route]:
    """Return the routes an event takes."""
    return [r for r in ROUTES if r.event_type == event.type and r.when(event.data)]


def find_route(event_type: str, topic: str, audience: str) -> Route | None:
    """Return the route a notification was made by, or None when it is gone."""
    for route in ROUTES:
        if (route.event_type, route.topic.name, route.audience) == (event_type, topic, audience):
            return route
    return None
