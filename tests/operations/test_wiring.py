"""Where the buttons of messages lead: a page that exists, for customers and for staff."""

import pytest
from django.urls import resolve

from leads import actions as leads
from notifications import links
from notifications.models import BusinessChannel
from tests.factories.accounts import BusinessFactory
from tests.factories.payments import PaymentFactory


def name_of(address: str) -> str:
    return str(resolve("/" + address.split("/", 3)[3]).view_name)


@pytest.mark.django_db
class TestLinks:
    def test_a_payment_leads_staff_to_the_console(self) -> None:
        payment = PaymentFactory()

        assert name_of(links.address_of(payment.public_id, "desk")) == (
            "admin:payments_payment_change"
        )

    def test_a_lead_leads_staff_to_it_and_customers_to_the_business(self) -> None:
        business = BusinessFactory()
        lead = leads.capture_lead(
            business=business, name="Lan", email="lan@example.test", message="Hello"
        )

        assert name_of(links.address_of(lead.public_id, "desk")) == "admin:leads_lead_change"
        assert links.address_of(lead.public_id, "customer").endswith(f"/b/{business.slug}/")

    def test_a_business_leads_its_owner_to_the_services(self) -> None:
        business = BusinessFactory()

        assert name_of(links.address_of(business.public_id, "desk")) == "manage_services"

    def test_a_channel_leads_to_where_it_is_connected(self) -> None:
        channel = BusinessChannel.objects.create(
            business=BusinessFactory(), kind="discord", name="Desk", address="https://x.test/1"
        )

        assert name_of(links.address_of(channel.public_id, "desk")) == (
            "admin:notifications_businesschannel_change"
        )

    def test_what_is_gone_leads_home(self) -> None:
        assert links.address_of("pay_gone", "desk").endswith("/")
