"""The feed: lines from events, in the reader's language, seen and read."""

import pytest

from events import relay
from notifications import actions, queries, reactions
from notifications.models import FeedItem, Notification
from tests.factories.accounts import UserFactory
from tests.factories.notifications import FeedItemFactory, booking_data, event


@pytest.mark.django_db(transaction=True)
class TestInApp:
    @pytest.mark.row("E11")
    def test_writes_one_line_however_often_it_is_sent(self, business, owner, customer):
        reactions.notify.call(event("booking.confirmed", business, booking_data(customer)))
        relay.drain_all()
        Notification.objects.filter(channel="in_app").update(state=0, status="queued")

        relay.drain_all()

        line = FeedItem.objects.get()
        assert line.user == owner
        assert line.title.startswith("New booking: Nguyễn Thị Minh Khai")
        assert line.url.endswith("/desk/bookings/bkg_01kac3w1v5h0e8y2r7m4q9t6zd")

    def test_keeps_the_line_when_redis_is_away(
        self, business, owner, customer, settings, monkeypatch
    ):
        from notifications.realtime import publisher

        monkeypatch.setattr(publisher, "_clients", {})
        settings.SOCKETS_REDIS_URL = "redis://127.0.0.1:9/0"
        reactions.notify.call(
            event(
                "payment.succeeded",
                business,
                {
                    **booking_data(customer),
                    "contact_id": customer.public_id,
                    "amount_minor": 5,
                    "captured_minor": 5,
                    "payable_id": "bkg_01kac3w1v5h0e8y2r7m4q9t6zd",
                },
            )
        )

        relay.drain_all()

        assert FeedItem.objects.filter(user=owner).count() == 1
        assert Notification.objects.get(channel="in_app").status == "sent"


@pytest.mark.django_db
class TestFeed:
    def test_is_ones_own_newest_first_and_paged(self):
        user = UserFactory()
        lines = [FeedItemFactory(user=user) for _ in range(3)]
        FeedItemFactory()

        first = queries.feed(user=user, limit=2)
        rest = queries.feed(user=user, before=first[-1].public_id, limit=2)

        assert first == [lines[2], lines[1]]
        assert rest == [lines[0]]

    def test_counts_what_is_unread_up_to_a_limit(self):
        user = UserFactory()
        FeedItemFactory.create_batch(4, user=user)

        assert queries.unread_count(user=user) == 4
        assert queries.unread_count(user=user, at_most=3) == 3

    def test_is_marked_read_line_by_line_or_whole(self):
        user, other = UserFactory(), UserFactory()
        lines = FeedItemFactory.create_batch(3, user=user)
        foreign = FeedItemFactory(user=other)

        assert actions.mark_read(user=user, ids=[lines[0].public_id, foreign.public_id]) == 1
        assert actions.mark_read(user=user, ids=[lines[0].public_id]) == 0
        assert actions.mark_read(user=user) == 2
        assert queries.unread_count(user=user) == 0
        assert queries.unread_count(user=other) == 1

    def test_is_seen_without_being_read(self):
        user = UserFactory()
        FeedItemFactory.create_batch(2, user=user)

        assert actions.mark_seen(user=user) == 2
        assert actions.mark_seen(user=user) == 0
        assert queries.unread_count(user=user) == 2
