"""The hosted pages, paid on in a browser: the sandbox's own and Stripe's stand-in."""

import pytest

from events import relay
from payments import provider_calls

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def start(contact, live_server, gateway: str):
    return provider_calls.start_payment(
        payable_type="parcel",
        payable_id=contact.public_id,
        purpose="deposit",
        gateway=gateway,
        flow="hosted",
        return_url=f"{live_server.url}/webhooks/nothing",
    )


class TestSandboxPage:
    def test_is_approved_with_a_button(self, page, contact, parcel, sandbox_account, live_server):
        payment = start(contact, live_server, "sandbox")
        page.goto(payment.checkout_url)
        assert page.get_by_role("heading", level=1).inner_text() == "Sandbox payment"
        assert "150,000" in page.inner_text("main")
        page.get_by_role("button", name="Approve", exact=True).click()
        page.wait_for_url("**/webhooks/nothing")
        relay.drain_all()
        payment.refresh_from_db()
        assert payment.status == "succeeded"


class TestStripePage:
    def test_is_declined_then_paid_with_3d_secure(  # noqa: PLR0917  fixtures
        self, page, contact, parcel, stripe_account, live_server, settle
    ):
        payment = start(contact, live_server, "stripe")
        page.goto(payment.checkout_url)
        page.get_by_role("button", name="Pay with a declined card").click()
        assert page.get_by_role("alert").inner_text() == "Your card was declined."
        page.get_by_role("button", name="Pay with 3-D Secure").click()
        page.get_by_role("button", name="Complete authentication").click()
        page.wait_for_url("**/webhooks/nothing")
        settle()
        payment.refresh_from_db()
        assert payment.status == "succeeded"
