"""One run against `localstripe`, an independent server of Stripe's API."""

import os
import shutil
import socket
import subprocess
import time

import pytest

from common.money import Money
from payments.gateways.base import Account, ProviderIds
from payments.gateways.stripe import StripeGateway
from payments.gateways.stripe.client import client_for
from tests.ports import free_port

_PROGRAM = os.environ.get("LOCALSTRIPE") or shutil.which("localstripe") or ""
pytestmark = pytest.mark.skipif(
    not os.access(_PROGRAM, os.X_OK),
    reason="localstripe is not installed (requirements-localstripe.lock)",
)


@pytest.fixture
def address():
    port = free_port()
    process = subprocess.Popen(
        [_PROGRAM, "--port", str(port), "--from-scratch"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=0.2):
                break
        except OSError:
            assert process.poll() is None, "localstripe ended"
            assert time.monotonic() < deadline, "localstripe did not answer"
            time.sleep(0.1)
    yield url
    process.terminate()
    process.wait()


class TestLocalstripe:
    def test_is_queried_refunded_and_canceled_by_the_adapter(self, address, settings):
        """It knows neither automatic_payment_methods nor amount_received: left out here."""
        settings.STRIPE_API_BASE = address
        account = Account("", False, "", {"secret_key": "sk_test_12345"})
        gateway, client = StripeGateway(), client_for(account).v1
        method = client.payment_methods.create(
            {
                "type": "card",
                "card": {
                    "number": "4242424242424242",
                    "exp_month": 12,
                    "exp_year": 2034,
                    "cvc": "123",
                },
            }
        )
        intent = client.payment_intents.create(
            {"amount": 5000, "currency": "usd", "payment_method": method.id, "confirm": True}
        )
        told = gateway.query(account, ProviderIds(intent.id))
        assert (told.progress.value, told.ids.payment_id) == ("succeeded", intent.id)
        refund = gateway.refund(
            account,
            told.ids,
            amount=Money(2000, "USD"),
            reference="rfn_1",
            idempotency_key="r-1",
        )
        assert (refund.progress.value, refund.amount) == ("succeeded", Money(2000, "USD"))
        other = client.payment_intents.create({"amount": 5000, "currency": "usd"})
        assert gateway.cancel(account, ProviderIds(other.id)).progress.value == "canceled"
