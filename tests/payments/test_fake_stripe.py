"""The stand-in for Stripe held against the real `stripe` client and the documented rules."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import Request, urlopen

import pytest
import stripe

from tests.fakes.stripe.delivery import sign
from tests.fakes.stripe.process import FakeStripe, running

SECRET = "whsec_endpoint_of_the_test"


@pytest.fixture(scope="module")
def server() -> Iterator[FakeStripe]:
    with running() as fake:
        yield fake


@pytest.fixture
def fake(server: FakeStripe) -> FakeStripe:
    server.reset()
    return server


@pytest.fixture
def client(fake: FakeStripe) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_1", base_addresses={"api": fake.url}, max_network_retries=0)


class Listener:
    """An endpoint that keeps what arrives and answers with the statuses it was given."""

    def __init__(self) -> None:
        self.arrived: list[tuple[bytes, str]] = []
        self.statuses: list[int] = []
        listener = self

        class Endpoint(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - base's name
                """Stay silent."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.arrived.append((body, self.headers["Stripe-Signature"]))
                self.send_response(listener.statuses.pop(0) if listener.statuses else 200)
                self.end_headers()

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/hook"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.arrived]


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.http.shutdown()
    found.http.server_close()


def make_intent(client: stripe.StripeClient, key: str = "", **changes: Any) -> stripe.PaymentIntent:
    params: Any = {
        "amount": 5000,
        "currency": "usd",
        "automatic_payment_methods": {"enabled": True},
        "metadata": {"payment": "pay_1"},
        **changes,
    }
    options: Any = {"idempotency_key": key} if key else {}
    return client.v1.payment_intents.create(params=params, options=options)


class TestPaymentIntents:
    def test_are_created_confirmed_and_paid(self, client: stripe.StripeClient) -> None:
        intent = make_intent(client)
        assert (intent.status, intent.amount, intent.currency) == (
            "requires_payment_method",
            5000,
            "usd",
        )
        assert str(intent.client_secret).startswith(intent.id + "_secret_")
        paid = client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
        assert (paid.status, paid.amount_received) == ("succeeded", 5000)
        assert client.v1.charges.retrieve(str(paid.latest_charge)).paid is True

    def test_take_the_3d_secure_step(self, client: stripe.StripeClient, fake: FakeStripe) -> None:
        intent = make_intent(client)
        method: Any = {"payment_method": "pm_card_threeDSecure2Required"}
        asked = client.v1.payment_intents.confirm(intent.id, method)
        assert asked.status == "requires_action"
        assert asked.next_action is not None
        fake.authenticate(intent.id)
        assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"

    def test_return_to_the_start_when_authentication_fails(
        self, client: stripe.StripeClient, fake: FakeStripe
    ) -> None:
        intent = make_intent(client)
        method: Any = {"payment_method": "pm_card_authenticationRequired"}
        client.v1.payment_intents.confirm(intent.id, method)
        fake.authenticate(intent.id, is_passed=False)
        again = client.v1.payment_intents.retrieve(intent.id)
        assert again.status == "requires_payment_method"

    def test_decline_with_a_card_error(self, client: stripe.StripeClient) -> None:
        intent = make_intent(client)
        method: Any = {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"}
        with pytest.raises(stripe.CardError) as caught:
            client.v1.payment_intents.confirm(intent.id, method)
        assert (caught.value.http_status, caught.value.code) == (402, "card_declined")
        assert caught.value.error is not None
        assert caught.value.error.decline_code == "insufficient_funds"

    def test_cancel_once_and_list(self, client: stripe.StripeClient) -> None:
        first, second = make_intent(client), make_intent(client)
        assert client.v1.payment_intents.cancel(first.id).status == "canceled"
        with pytest.raises(stripe.InvalidRequestError) as caught:
            client.v1.payment_intents.cancel(first.id)
        assert caught.value.code == "payment_intent_unexpected_state"
        listed = client.v1.payment_intents.list({"limit": 1})
        assert ([row.id for row in listed.data], listed.has_more) == ([second.id], True)

    def test_refuse_bad_parameters(self, client: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as unknown:
            make_intent(client, payment_method_types=["card"])
        assert unknown.value.code == "parameter_unknown"
        with pytest.raises(stripe.InvalidRequestError) as large:
            make_intent(client, amount=100_000_000)
        assert large.value.code == "amount_too_large"
        with pytest.raises(stripe.InvalidRequestError) as absent:
            client.v1.payment_intents.retrieve("pi_absent")
        assert (absent.value.http_status, absent.value.code) == (
            404,
            "resource_missing",
        )

    def test_belong_to_their_account(self, client: stripe.StripeClient, fake: FakeStripe) -> None:
        intent = make_intent(client)
        stranger = stripe.StripeClient("sk_test_2", base_addresses={"api": fake.url})
        with pytest.raises(stripe.InvalidRequestError):
            stranger.v1.payment_intents.retrieve(intent.id)
        with pytest.raises(stripe.AuthenticationError):
            stripe.StripeClient("nokey", base_addresses={"api": fake.url}).v1.balance.retrieve()
        assert client.v1.balance.retrieve().livemode is False


class TestIdempotencyKeys:
    def test_replay_the_first_answer(self, client: stripe.StripeClient) -> None:
        first, again = make_intent(client, key="k1"), make_intent(client, key="k1")
        assert first.id == again.id
        assert again.last_response is not None
        assert again.last_response.headers["Idempotent-Replayed"] == "true"
        assert len(client.v1.payment_intents.list().data) == 1

    def test_refuse_other_parameters(self, client: stripe.StripeClient) -> None:
        make_intent(client, key="k1")
        with pytest.raises(stripe.IdempotencyError):
            make_intent(client, key="k1", amount=6000)

    def test_keep_an_outage_after_the_work_was_done(
        self, client: stripe.StripeClient, fake: FakeStripe
    ) -> None:
        fake.fault("error_after", method="POST", path="/v1/payment_intents")
        for _ in range(2):
            with pytest.raises(stripe.APIError):
                make_intent(client, key="k1")
        assert len(client.v1.payment_intents.list().data) == 1


class TestFaults:
    def test_hang_after_the_work_was_done(
        self, client: stripe.StripeClient, fake: FakeStripe
    ) -> None:
        fake.fault("hang", path="/v1/payment_intents", seconds=20)
        hasty = stripe.StripeClient(
            "sk_test_1",
            base_addresses={"api": fake.url},
            http_client=stripe.RequestsClient(timeout=1),
            max_network_retries=0,
        )
        with pytest.raises(stripe.APIConnectionError):
            make_intent(hasty, key="k1")
        assert make_intent(client, key="k1").id.startswith("pi_")
        assert len(client.v1.payment_intents.list().data) == 1

    def test_answer_html_and_unknown_statuses(
        self, client: stripe.StripeClient, fake: FakeStripe
    ) -> None:
        fake.fault("html")
        with pytest.raises(stripe.APIError):
            make_intent(client)
        fake.fault("unknown_status")
        assert make_intent(client).status == "in_superposition"
        fake.fault("rate_limit")
        with pytest.raises(stripe.RateLimitError):
            make_intent(client)

    def test_delay_an_answer(self, client: stripe.StripeClient, fake: FakeStripe) -> None:
        fake.fault("delay", seconds=0.3)
        before = time.monotonic()
        make_intent(client)
        assert time.monotonic() - before >= 0.3


class TestCheckout:
    def create(self, client: stripe.StripeClient, minutes: int = 31) -> stripe.checkout.Session:
        params: Any = {
            "mode": "payment",
            "success_url": "http://127.0.0.1:1/done?s={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1:1/back",
            "expires_at": int(time.time()) + minutes * 60,
            "client_reference_id": "pay_1",
            "line_items": [
                {
                    "price_data": {
                        "currency": "vnd",
                        "unit_amount": 75000,
                        "product_data": {"name": "Deposit"},
                    },
                    "quantity": 2,
                }
            ],
            "payment_intent_data": {"metadata": {"payment": "pay_1"}},
        }
        return client.v1.checkout.sessions.create(params=params)

    def test_is_paid_on_the_hosted_page(self, client: stripe.StripeClient) -> None:
        session = self.create(client)
        assert (session.amount_total, session.currency, session.status) == (
            150000,
            "vnd",
            "open",
        )
        assert session.payment_intent is None
        with urlopen(str(session.url), timeout=30) as page:
            assert b"150000 VND" in page.read()
        declined = Request(str(session.url), data=b"payment_method=pm_card_visa_chargeDeclined")
        with urlopen(declined, timeout=30) as page:
            assert b"Your card was declined." in page.read()
        assert client.v1.checkout.sessions.retrieve(session.id).status == "open"

    def test_completes_and_tells_the_intent(
        self, client: stripe.StripeClient, fake: FakeStripe
    ) -> None:
        session = self.create(client)
        fake.pay_session(session.id)
        done = client.v1.checkout.sessions.retrieve(session.id)
        assert (done.status, done.payment_status) == ("complete", "paid")
        intent = client.v1.payment_intents.retrieve(str(done.payment_intent))
        assert (intent.metadata["payment"], intent.amount) == ("pay_1", 150000)

    def test_expires_once_and_checks_its_time(self, client: stripe.StripeClient) -> None:
        session = self.create(client)
        assert client.v1.checkout.sessions.expire(session.id).status == "expired"
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.checkout.sessions.expire(session.id)
        with pytest.raises(stripe.InvalidRequestError):
            self.create(client, minutes=15)


class TestRefunds:
    def paid(self, client: stripe.StripeClient, method: str = "pm_card_visa") -> str:
        return make_intent(client, confirm=True, payment_method=method).id

    def test_are_partial_then_full_never_more(self, client: stripe.StripeClient) -> None:
        intent = self.paid(client)
        first = client.v1.refunds.create({"payment_intent": intent, "amount": 2000})
        assert (first.status, first.amount) == ("succeeded", 2000)
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.refunds.create({"payment_intent": intent, "amount": 3001})
        assert client.v1.refunds.create({"payment_intent": intent}).amount == 3000
        with pytest.raises(stripe.InvalidRequestError) as caught:
            client.v1.refunds.create({"payment_intent": intent})
        assert caught.value.code == "charge_already_refunded"

    def test_wait_at_the_bank_and_fail(self, client: stripe.StripeClient, fake: FakeStripe) -> None:
        waiting = client.v1.refunds.create(
            {"payment_intent": self.paid(client, "pm_card_pendingRefund")}
        )
        assert waiting.status == "pending"
        fake.move_refund(waiting.id, "failed")
        assert client.v1.refunds.retrieve(waiting.id).status == "failed"
        charge = client.v1.charges.retrieve(str(waiting.charge))
        assert charge.amount_refunded == 0


class TestWebhooks:
    def test_follow_the_published_vector(self) -> None:
        body = (
            b'{"id":"evt_test_0001","object":"event","api_version":"2026-10-28.endive",'
            b'"created":1795141990,"type":"payment_intent.succeeded","livemode":false,"data":'
            b'{"object":{"id":"pi_test_0001","object":"payment_intent","amount":150000,'
            b'"amount_received":150000,"currency":"vnd","status":"succeeded"}}}'
        )
        assert sign(["whsec_test_secret"], body, 1795142000) == (
            "t=1795142000,v1=35c64540ef88eff2d1d42d7f62d4d1e63297880a387b2fb9b5c455464e0efa2d"
        )

    def test_arrive_signed_and_are_accepted_by_the_client(
        self, client: stripe.StripeClient, fake: FakeStripe, listener: Listener
    ) -> None:
        fake.send_webhooks_to(listener.url, SECRET)
        intent = make_intent(client)
        fake.confirm(intent.id)
        fake.wait_for_deliveries()
        kinds = {client.construct_event(*item, SECRET).type for item in listener.arrived}
        assert kinds == {
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
        }

    def test_are_repeated_until_accepted(
        self, client: stripe.StripeClient, fake: FakeStripe, listener: Listener
    ) -> None:
        fake.send_webhooks_to(listener.url, SECRET)
        listener.statuses = [500, 503]
        make_intent(client)
        log = fake.wait_for_deliveries()
        assert [(row["attempt"], row["status"]) for row in log] == [
            (1, 500),
            (2, 503),
            (3, 200),
        ]
        assert len({event["id"] for event in listener.events}) == 1

    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            ("wrong_amount", (5100, "usd", False, None)),
            ("wrong_currency", (5000, "eur", False, None)),
            ("other_account", (5000, "usd", False, "acct_somebodyelse0001")),
            ("live_mode", (5000, "usd", True, None)),
        ],
    )
    def test_lie_on_demand(
        self,
        client: stripe.StripeClient,
        fake: FakeStripe,
        listener: Listener,
        kind: str,
        expected: tuple[object, ...],
    ) -> None:
        fake.send_webhooks_to(listener.url, SECRET)
        fake.fault(kind, event="payment_intent")
        make_intent(client)
        fake.wait_for_deliveries()
        [event] = listener.events
        obj = event["data"]["object"]
        assert (
            obj["amount"],
            obj["currency"],
            event["livemode"],
            event.get("account"),
        ) == expected

    def test_are_doubled_dropped_and_reordered(
        self, client: stripe.StripeClient, fake: FakeStripe, listener: Listener
    ) -> None:
        fake.send_webhooks_to(listener.url, SECRET)
        fake.fault("duplicate")
        make_intent(client)
        fake.wait_for_deliveries()
        assert len(listener.arrived) == 2
        assert len({event["id"] for event in listener.events}) == 1
        fake.fault("drop")
        make_intent(client)
        fake.wait_for_deliveries()
        assert len(listener.arrived) == 2
        fake.fault("reorder", count=3)
        make_intent(client, confirm=True, payment_method="pm_card_visa")
        fake.wait_for_deliveries()
        assert [event["type"] for event in listener.events[2:]] == [
            "payment_intent.succeeded",
            "charge.succeeded",
            "payment_intent.created",
        ]
