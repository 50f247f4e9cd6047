"""Smallest valid notifications and events to notify of."""

import factory
from factory.django import DjangoModelFactory

from accounts.models import Business, Contact
from common.ids import new_public_id
from events.models import Event
from notifications.models import BusinessChannel, FeedItem
from tests.factories.accounts import BusinessFactory, UserFactory

WEBHOOK = "https://discord.com/api/webhooks/123456789012345678/" + "t" * 68


class BusinessChannelFactory(DjangoModelFactory[BusinessChannel]):
    class Meta:
        model = BusinessChannel

    business = factory.SubFactory(BusinessFactory)
    kind = "discord"
    name = factory.Sequence(lambda n: f"Channel {n}")
    address = WEBHOOK


class FeedItemFactory(DjangoModelFactory[FeedItem]):
    class Meta:
        model = FeedItem

    user = factory.SubFactory(UserFactory)
    notification_id = factory.Sequence(lambda n: f"ntf_{n:026d}")
    topic = "booking"
    subject = "bkg_00000000000000000000000001"
    title = factory.Sequence(lambda n: f"News {n}")


def booking_data(contact: Contact, **changes: object) -> dict[str, object]:
    """Return the data of a booking event, as the catalogue describes it."""
    return {
        "id": "bkg_01kac3w1v5h0e8y2r7m4q9t6zd",
        "status": "confirmed",
        "version": 2,
        "service": "svc_01kac3w1v5h0e8y2r7m4q9t6zd",
        "service_name": "Hot stone massage",
        "tier": "tir_01kac3w1v5h0e8y2r7m4q9t6zd",
        "tier_name": "60 minutes",
        "calendar": "cal_01kac3w1v5h0e8y2r7m4q9t6zd",
        "calendar_name": "Lan",
        "contact": contact.public_id,
        "starts_at": "2028-06-05T08:00:00+00:00",
        "ends_at": "2028-06-05T09:00:00+00:00",
        "seats": 1,
        "currency": "VND",
        "price_minor": 650000,
        "deposit_minor": 195000,
        "paid_minor": 195000,
        "refunded_minor": 0,
        "hold_expires_at": None,
        "cancel_reason": "",
        **changes,
    }


def payment_data(contact: Contact, **changes: object) -> dict[str, object]:
    """Return the data of a payment event."""
    return {
        "id": "pay_01kac3w1v5h0e8y2r7m4q9t6zd",
        "payable_type": "booking",
        "payable_id": "bkg_01kac3w1v5h0e8y2r7m4q9t6zd",
        "contact_id": contact.public_id,
        "purpose": "deposit",
        "gateway": "stripe",
        "mode": "live",
        "amount_minor": 195000,
        "captured_minor": 195000,
        "refunded_minor": 0,
        "currency": "VND",
        "status": "succeeded",
        "failure_code": "",
        "is_in_review": False,
        "version": 4,
        **changes,
    }


def event(
    event_type: str, business: Business, data: dict[str, object], *, subject: str = ""
) -> Event:
    """Store an event without its reactions, so that a test runs the one it is about."""
    found = Event.objects.create(
        public_id=new_public_id("evt"),
        type=event_type,
        business=business.public_id,
        subject=subject or str(data["id"]),
        data=data,
    )
    found.refresh_from_db()
    return found
