"""Connecting a Discord channel in the admin: the address goes in and never comes out."""

import pytest
from django.urls import reverse

from accounts.models import Role
from notifications.models import BusinessChannel
from tests.factories.accounts import BusinessFactory, MembershipFactory
from tests.factories.sign_in import verified_client

ADDRESS = "https://discord.com/api/webhooks/123456789012345678/" + "a" * 68
ADD = "admin:notifications_businesschannel_add"


@pytest.fixture
def owner():
    return MembershipFactory(role=Role.OWNER, user__is_staff=True)


def fields(business, **changes):
    return {
        "business": business.pk,
        "kind": "discord",
        "name": "Desk",
        "address": ADDRESS,
        **changes,
    }


@pytest.mark.django_db
class TestConnectingAChannel:
    def test_keeps_the_address_and_never_shows_it(self, owner) -> None:
        client = verified_client(owner.user)

        client.post(reverse(ADD), fields(owner.business))

        channel = BusinessChannel.objects.get()
        assert channel.address == ADDRESS
        page = client.get(reverse("admin:notifications_businesschannel_change", args=[channel.pk]))
        assert page.status_code == 200
        assert ADDRESS not in page.content.decode()

    def test_refuses_an_address_that_is_not_discords(self, owner) -> None:
        answer = verified_client(owner.user).post(
            reverse(ADD), fields(owner.business, address="https://evil.test/hook")
        )

        assert answer.status_code == 200
        assert "address" in answer.context["adminform"].form.errors
        assert BusinessChannel.objects.count() == 0

    def test_cannot_be_done_for_another_business(self, owner) -> None:
        verified_client(owner.user).post(reverse(ADD), fields(BusinessFactory()))

        assert BusinessChannel.objects.count() == 0

    def test_can_be_disconnected_with_a_reason(self, owner) -> None:
        client = verified_client(owner.user)
        client.post(reverse(ADD), fields(owner.business))
        channel = BusinessChannel.objects.get()

        client.post(
            reverse("admin:notifications_businesschannel_changelist")
            + f"{channel.pk}/do/disconnect/",
            {"reason": "We left Discord"},
        )

        assert BusinessChannel.objects.count() == 0
