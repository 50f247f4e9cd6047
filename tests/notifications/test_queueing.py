"""Who is told what: routes, recipients, channels, once."""

from email.utils import parseaddr

import pytest
from django.db import transaction

from events import registry, relay
from events.actions import record
from events.types import NewEvent
from notifications import reactions
from notifications.models import Notification
from tests.factories.accounts import ContactFactory, MembershipFactory, UserFactory
from tests.factories.notifications import (
    BusinessChannelFactory,
    booking_data,
    event,
    payment_data,
)


def queued() -> list[tuple[str, str, str]]:
    rows = Notification.objects.order_by("recipient", "channel")
    return [(row.recipient[:4], row.channel, row.topic) for row in rows]


@pytest.mark.django_db
class TestNotify:
    @pytest.mark.row("B7", "B16")
    def test_queues_mail_text_message_and_feed_lines(self, business, owner):
        customer = ContactFactory(business=business, phone="+84901112223", user=UserFactory())

        reactions.notify.call(event("booking.confirmed", business, booking_data(customer)))

        assert queued() == [
            ("ctc_", "email", "booking"),
            ("ctc_", "in_app", "booking"),
            ("ctc_", "sms", "booking"),
            ("usr_", "email", "desk.booking"),
            ("usr_", "in_app", "desk.booking"),
        ]

    def test_makes_one_row_however_often_it_runs(self, business, owner, customer):
        happened = event("booking.confirmed", business, booking_data(customer))
        reactions.notify.call(happened)
        before = set(Notification.objects.values_list("public_id", flat=True))

        reactions.notify.call(happened)

        assert set(Notification.objects.values_list("public_id", flat=True)) == before
        assert len(before) == 3

    def test_leaves_out_channels_that_cannot_reach_a_guest(self, business, customer):
        reactions.notify.call(event("booking.confirmed", business, booking_data(customer)))

        assert queued() == [("ctc_", "email", "booking")]

    def test_tells_an_active_channel_and_not_a_disabled_one(self, business, customer):
        active = BusinessChannelFactory(business=business)
        BusinessChannelFactory(business=business, is_active=False)

        reactions.notify.call(event("booking.confirmed", business, booking_data(customer)))

        found = Notification.objects.get(channel="discord")
        assert found.recipient == active.public_id

    def test_tells_members_of_this_business_only(self, business, owner, customer):
        MembershipFactory()
        MembershipFactory(business=business, role="auditor")

        reactions.notify.call(event("booking.confirmed", business, booking_data(customer)))

        told = set(
            Notification.objects.exclude(recipient=customer.public_id).values_list(
                "recipient", flat=True
            )
        )
        assert told == {owner.public_id}

    def test_finds_the_customer_of_a_payment(self, business, customer):
        reactions.notify.call(event("payment.succeeded", business, payment_data(customer)))

        assert queued() == [("ctc_", "email", "payment")]

    def test_asks_for_payment_only_where_a_hold_runs(self, business, customer):
        data = booking_data(customer, status="confirmed", hold_expires_at=None)

        reactions.notify.call(event("booking.created", business, data))

        assert queued() == []

    @pytest.mark.django_db(transaction=True)
    def test_runs_from_a_recorded_event_through_the_relay(self, business, customer, mailoutbox):
        fact = NewEvent(
            registry.event_type("booking.confirmed"),
            business.public_id,
            "bkg_01kac3w1v5h0e8y2r7m4q9t6zd",
            booking_data(customer),
        )
        with transaction.atomic():
            record(fact)

        relay.drain_all()

        assert [parseaddr(mail.to[0])[1] for mail in mailoutbox] == ["khai@customer.example"]
        assert Notification.objects.get().status == "sent"
