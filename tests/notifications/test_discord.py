"""Messages to a business's Discord channel, against a server that keeps Discord's limits."""

import pytest
from django.core import mail
from django.db import connection

from accounts.models import AuditEntry
from events import relay
from events.models import Event, Work
from notifications import actions, reactions
from notifications.errors import BadChannelAddress
from notifications.models import BusinessChannel, Notification
from tests.factories.notifications import (
    WEBHOOK,
    BusinessChannelFactory,
    booking_data,
    event,
)
from tests.fakes.discord import FakeDiscord

Status = Notification.Status


@pytest.fixture
def discord(settings):
    with FakeDiscord() as fake:
        settings.DISCORD_API_BASE = fake.address
        yield fake


@pytest.fixture
def channel(business):
    return BusinessChannelFactory(business=business)


def send(business, customer, **changes) -> Notification:
    reactions.notify.call(event("booking.confirmed", business, booking_data(customer, **changes)))
    relay.drain_all()
    return Notification.objects.get(channel="discord")


@pytest.mark.django_db(transaction=True)
class TestDiscord:
    def test_gets_one_embed_that_mentions_nobody(self, business, customer, channel, discord):
        row = send(business, customer)

        path, body = discord.calls[0]
        assert path == "/api/v10" + WEBHOOK.removeprefix("https://discord.com/api")
        assert body["allowed_mentions"] == {"parse": []}
        assert body["username"] == "Lotus Spa"
        assert body["embeds"][0]["title"] == (
            "New booking: Nguyễn Thị Minh Khai, Hot stone massage, Monday 5 June 2028, 3:00 PM"
        )
        assert body["embeds"][0]["fields"][0] == {
            "name": "Service",
            "value": "Hot stone massage, 60 minutes",
            "inline": True,
        }
        assert (row.status, row.provider_id) == (Status.SENT, "1000000000000000001")

    def test_shows_names_as_text_and_stays_within_every_limit(
        self, business, customer, channel, discord
    ):
        customer.name = "[free money](https://evil.example) @everyone"
        customer.save()

        row = send(business, customer, service_name="🎉" * 3000, tier_name="x" * 3000)

        embed = discord.calls[0][1]["embeds"][0]
        assert row.status == Status.SENT
        assert embed["title"].endswith("…")
        shown = next(f["value"] for f in embed["fields"] if f["name"] == "Customer")
        assert shown == r"\[free money\]\(https://evil.example\) @everyone"

    def test_waits_as_long_as_asked_and_loses_no_attempt(
        self, business, customer, channel, discord
    ):
        discord.plan.append((429, {"Retry-After": "33"}, b"{}"))

        row = send(business, customer)

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT extract(epoch FROM due_at - now())"
                " FROM notifications_notification WHERE id = %s",
                [row.pk],
            )
            wait = cursor.fetchone()[0]
        assert 30 <= wait <= 33
        assert (row.status, row.attempts) == (Status.QUEUED, 0)

    def test_is_tried_again_after_a_failure_of_theirs(self, business, customer, channel, discord):
        discord.plan.append((503, {}, b""))
        row = send(business, customer)
        assert (row.status, row.attempts, row.state) == (Status.QUEUED, 1, Work.State.OPEN)
        Notification.objects.update(due_at=row.created_at)

        relay.drain_all()

        row.refresh_from_db()
        assert row.status == Status.SENT

    def test_that_is_gone_is_given_up_and_the_owner_told(
        self, business, customer, channel, owner, discord
    ):
        discord.plan.append((404, {}, b'{"message": "Unknown Webhook"}'))

        row = send(business, customer)

        channel.refresh_from_db()
        assert (row.status, row.state) == (Status.FAILED, Work.State.DEAD)
        assert channel.is_active is False
        assert channel.disabled_reason == "Discord says that this webhook does not exist any more."
        assert Event.objects.filter(type="notification_channel.disabled").count() == 1
        stopped = [m.subject for m in mail.outbox if "stopped" in m.subject]
        assert stopped == [f"Notifications to {channel.name} stopped"]

    def test_is_not_followed_to_another_address(self, business, customer, channel, discord):
        discord.plan.append((302, {"Location": f"{discord.address}/elsewhere"}, b""))

        row = send(business, customer)

        assert len(discord.calls) == 1
        assert row.status == Status.FAILED

    def test_that_cannot_be_reached_is_tried_again(self, business, customer, channel, settings):
        settings.DISCORD_API_BASE = "http://127.0.0.1:9/api/v10"

        row = send(business, customer)

        assert (row.status, row.attempts, row.is_repeated) == (Status.QUEUED, 1, False)


@pytest.mark.django_db
class TestConnectChannel:
    def test_keeps_the_address_encrypted_and_out_of_the_audit_record(self, business):
        channel = actions.connect_channel(
            business=business, kind="discord", name="Desk", address=WEBHOOK, actor="usr_1"
        )

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT address FROM notifications_businesschannel WHERE id = %s", [channel.pk]
            )
            stored = cursor.fetchone()[0]
        assert "discord" not in stored
        assert BusinessChannel.objects.get().address == WEBHOOK
        entry = AuditEntry.objects.get(action="notification_channel.connect")
        assert "webhooks" not in str(entry.after)

    @pytest.mark.parametrize(
        "address",
        [
            "http://discord.com/api/webhooks/123456789012345678/" + "t" * 68,
            "https://discord.com.evil.example/api/webhooks/123456789012345678/" + "t" * 68,
            "https://user@discord.com/api/webhooks/123456789012345678/" + "t" * 68,
            "https://169.254.169.254/api/webhooks/123456789012345678/" + "t" * 68,
            "https://discord.com/api/webhooks/../users/@me",
            WEBHOOK + "?x=1",
            WEBHOOK + "\n",
        ],
    )
    def test_refuses_what_is_no_discord_webhook(self, business, address):
        with pytest.raises(BadChannelAddress):
            actions.connect_channel(
                business=business, kind="discord", name="Desk", address=address, actor="usr_1"
            )

        assert BusinessChannel.objects.count() == 0
