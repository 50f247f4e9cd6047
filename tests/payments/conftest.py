"""A parcel to pay for, the sandbox and Stripe's stand-in behind the real door."""

from collections.abc import Iterator

import pytest

from events import relay
from payments.models import GatewayAccount
from tests.factories.accounts import ContactFactory
from tests.factories.payments import STRIPE_SECRET, GatewayAccountFactory
from tests.fakes.stripe.process import FakeStripe, running
from tests.payments.parcel import Parcel
from tests.payments.parcel import parcel as the_parcel
from webhooks import endpoints


@pytest.fixture(autouse=True)
def fresh_endpoints():
    endpoints.forget()


@pytest.fixture
def parcel() -> Iterator[Parcel]:
    the_parcel.reset()
    yield the_parcel
    the_parcel.reset()


@pytest.fixture
def contact():
    return ContactFactory()


@pytest.fixture(scope="session")
def stripe_process() -> Iterator[FakeStripe]:
    with running(retry="0.2,0.4") as fake:
        yield fake


@pytest.fixture
def fake_stripe(stripe_process: FakeStripe, settings) -> FakeStripe:
    stripe_process.reset()
    settings.STRIPE_API_BASE = stripe_process.url
    return stripe_process


@pytest.fixture
def stripe_account(contact, fake_stripe, live_server, settings) -> GatewayAccount:
    """An account whose notices arrive at the real door over HTTP."""
    settings.SITE_URL = live_server.url
    account = GatewayAccountFactory(stripe=True, business=contact.business)
    fake_stripe.send_webhooks_to(
        f"{live_server.url}/api/webhooks/stripe/{account.endpoint_id}", STRIPE_SECRET
    )
    return account


@pytest.fixture
def sandbox_account(contact, live_server, settings) -> GatewayAccount:
    settings.SITE_URL = live_server.url
    return GatewayAccountFactory(business=contact.business)


@pytest.fixture
def settle(fake_stripe):
    """Wait until every notice has arrived, then do the work they left."""

    def run() -> None:
        fake_stripe.wait_for_deliveries()
        relay.drain_all()

    return run
