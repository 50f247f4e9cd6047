"""What every installed gateway must do, and the vectors of those that sign."""

import datetime as dt
import itertools
from typing import Any

import pytest
import stripe

from common.money import Money
from payments.gateways import registry
from payments.gateways.base import (
    Account,
    GatewayRefused,
    Order,
    PaymentFacts,
    Progress,
    ProviderIds,
)
from payments.gateways.sandbox import provider
from payments.gateways.stripe import facts, notices
from tests.factories.payments import STRIPE_KEY
from webhooks.errors import BadSignature, MalformedNotice, StaleSignature
from webhooks.sources import InboundRequest, Reply

NUMBERS = itertools.count(1)
VECTOR_TIME = 1795142000
VECTOR_BODY = (
    b'{"id":"evt_test_0001","object":"event","api_version":"2026-10-28.endive",'
    b'"created":1795141990,"type":"payment_intent.succeeded","livemode":false,"data":{"object":'
    b'{"id":"pi_test_0001","object":"payment_intent","amount":150000,"amount_received":150000,'
    b'"currency":"vnd","status":"succeeded"}}}'
)
VECTOR_SECRET = "whsec_test_secret"
VECTOR_MARK = "35c64540ef88eff2d1d42d7f62d4d1e63297880a387b2fb9b5c455464e0efa2d"


def inbound(body: bytes, at: int = VECTOR_TIME, **headers: str) -> InboundRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return InboundRequest("POST", named, "", body, "", dt.datetime.fromtimestamp(at, dt.UTC))


def order(**changes) -> Order:
    now = dt.datetime.now(dt.UTC)
    number = next(NUMBERS)
    values = {
        "reference": f"pay_{number:026}",
        "idempotency_key": f"key-{number}",
        "amount": Money(150000, "VND"),
        "description": "Deposit",
        "flow": "hosted",
        "return_url": "http://127.0.0.1:1/done",
        "expires_at": now + dt.timedelta(minutes=15),
        "created_at": now,
    }
    return Order(**{**values, **changes})


def account_for(code: str) -> Account:
    known: dict[str, dict[str, Any]] = {
        "stripe": {"secret_key": STRIPE_KEY, "webhook_secrets": [VECTOR_SECRET]},
        "sandbox": {"webhook_secrets": [VECTOR_SECRET]},
    }
    return Account(f"acct_{code}", is_live=False, endpoint_id="wep_1", credentials=known[code])


def pay(code: str, ids: ProviderIds, fake_stripe) -> None:
    """Do what the customer does at the provider."""
    if code == "sandbox":
        provider.answer(token=ids.payment_id.removeprefix("sbx_"), choice="never")
    elif ids.session_id:
        fake_stripe.pay_session(ids.session_id)
    else:
        fake_stripe.confirm(ids.payment_id)


CASES = [(code, flow) for code in registry.codes() for flow in sorted(registry.get(code).flows)]


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "flow"), CASES)
class TestContract:
    """Holds for every gateway in the registry and each of its flows."""

    def test_starts_once_for_a_key(self, code, flow, fake_stripe):
        gateway, account, wish = registry.get(code), account_for(code), order(flow=flow)
        first = gateway.start(account, wish)
        again = gateway.start(account, wish)
        assert first.ids == again.ids != ProviderIds()
        assert first.progress is Progress.PENDING
        assert bool(first.client_secret) != bool(first.checkout_url)
        assert first.checkout_url.startswith("http") == (flow == "hosted")

    def test_is_found_by_reference(self, code, flow, fake_stripe):
        gateway, account, wish = registry.get(code), account_for(code), order(flow=flow)
        assert gateway.find(account, wish) is None
        started = gateway.start(account, wish)
        found = gateway.find(account, wish)
        assert found is not None
        assert (found.ids, found.reference, found.is_asked) == (started.ids, wish.reference, True)

    def test_tells_amount_and_mode_when_paid(self, code, flow, fake_stripe):
        gateway, account, wish = registry.get(code), account_for(code), order(flow=flow)
        ids = gateway.start(account, wish).ids
        assert gateway.query(account, ids).progress is Progress.PENDING
        pay(code, ids, fake_stripe)
        told: PaymentFacts = gateway.query(account, ids)
        assert (told.progress, told.amount, told.is_live) == (
            Progress.SUCCEEDED,
            wish.amount,
            False,
        )
        assert told.movement
        assert told.is_asked

    def test_cancels_what_is_open_and_tells_what_is_paid(self, code, flow, fake_stripe):
        gateway, account = registry.get(code), account_for(code)
        ids = gateway.start(account, order(flow=flow)).ids
        ended = gateway.cancel(account, ids).progress
        assert ended in {Progress.CANCELED, Progress.EXPIRED}
        assert gateway.cancel(account, ids).progress is ended
        paid = gateway.start(account, order(flow=flow)).ids
        pay(code, paid, fake_stripe)
        assert gateway.cancel(account, paid).progress is Progress.SUCCEEDED

    def test_refunds_once_for_a_key(self, code, flow, fake_stripe):
        gateway, account = registry.get(code), account_for(code)
        ids = gateway.start(account, order(flow=flow)).ids
        pay(code, ids, fake_stripe)
        ids = gateway.query(account, ids).ids
        assert gateway.query_refund(account, ids, refund_id="", reference="rfn_1") is None
        wish: dict[str, Any] = {
            "amount": Money(50000, "VND"),
            "reference": "rfn_1",
            "idempotency_key": "r-1",
        }
        first = gateway.refund(account, ids, **wish)
        assert gateway.refund(account, ids, **wish).refund_id == first.refund_id
        assert (first.progress, first.amount) == (Progress.SUCCEEDED, Money(50000, "VND"))
        found = gateway.query_refund(account, ids, refund_id="", reference="rfn_1")
        assert found is not None
        assert found.refund_id == first.refund_id
        with pytest.raises(GatewayRefused):
            gateway.refund(
                account,
                ids,
                amount=Money(100001, "VND"),
                reference="rfn_2",
                idempotency_key="r-2",
            )

    def test_refuses_notices_that_prove_nothing(self, code, flow, fake_stripe):
        gateway = registry.get(code)
        for secrets in ((), (VECTOR_SECRET,)):
            with pytest.raises(BadSignature):
                gateway.verify(inbound(b"{}"), secrets)
        with pytest.raises(MalformedNotice):
            gateway.parse(b"[]")
        assert gateway.reply() == Reply()

    def test_names_itself_and_its_methods(self, code, flow, fake_stripe):
        gateway = registry.get(code)
        assert (gateway.code, gateway.methods) == (code, frozenset({"POST"}))
        assert gateway.name
        assert "acct_" in gateway.check(account_for(code))


class TestStripeVector:
    def header(self, *marks: str, at: object = VECTOR_TIME) -> str:
        return ",".join([f"t={at}", *(f"v1={mark}" for mark in marks), "v0=ignored"])

    def test_is_accepted(self):
        request = inbound(VECTOR_BODY, stripe_signature=self.header(VECTOR_MARK))
        notices.verify(request, (VECTOR_SECRET,))
        event = notices.parse(VECTOR_BODY)
        assert (event.event_id, event.type) == ("evt_test_0001", "payment_intent.succeeded")
        assert event.payment is not None
        assert event.payment.amount == Money(150000, "VND")
        assert event.payment.progress is Progress.SUCCEEDED

    def test_agrees_with_stripes_own_client(self):
        made = stripe.WebhookSignature.generate_signature_header(
            VECTOR_BODY.decode(), VECTOR_SECRET, VECTOR_TIME
        )
        assert made == f"t={VECTOR_TIME},v1={VECTOR_MARK}"

    def test_is_accepted_when_any_secret_and_any_mark_match(self):
        request = inbound(VECTOR_BODY, stripe_signature=self.header("0" * 64, VECTOR_MARK))
        notices.verify(request, ("whsec_new", VECTOR_SECRET))

    @pytest.mark.parametrize("late", [301, -301])
    def test_is_refused_too_late_and_too_early(self, late):
        request = inbound(
            VECTOR_BODY, VECTOR_TIME + late, stripe_signature=self.header(VECTOR_MARK)
        )
        with pytest.raises(StaleSignature):
            notices.verify(request, (VECTOR_SECRET,))

    @pytest.mark.parametrize(
        "header",
        [
            "",
            f"v1={VECTOR_MARK}",
            f"t={VECTOR_TIME}",
            f"t={VECTOR_TIME},t={VECTOR_TIME},v1={VECTOR_MARK}",
            f"t={VECTOR_TIME},v0={VECTOR_MARK}",
            f"t={VECTOR_TIME + 1},v1={VECTOR_MARK}",
            f"t=soon,v1={VECTOR_MARK}",
            f"t={VECTOR_TIME},v1={VECTOR_MARK[:-1]}",
        ],
    )
    def test_is_refused_when_anything_differs(self, header):
        with pytest.raises(BadSignature):
            notices.verify(inbound(VECTOR_BODY, stripe_signature=header), (VECTOR_SECRET,))

    def test_is_refused_when_the_body_differs_by_a_space(self):
        request = inbound(VECTOR_BODY + b" ", stripe_signature=self.header(VECTOR_MARK))
        with pytest.raises(BadSignature):
            notices.verify(request, (VECTOR_SECRET,))


class TestStripeFacts:
    @pytest.mark.parametrize("payment_status", ["unpaid", "no_payment_required", "odd"])
    def test_take_a_complete_session_for_paid_only_if_it_says_so(self, payment_status):
        told = facts.session_facts({"status": "complete", "payment_status": payment_status})
        assert told.progress is not Progress.SUCCEEDED

    def test_know_no_new_status(self):
        assert facts.intent_facts({"status": "in_superposition"}).progress is Progress.UNKNOWN
        assert facts.session_facts({"status": "frozen"}).progress is Progress.UNKNOWN
        assert facts.refund_facts({"status": "odd"}).progress is Progress.UNKNOWN

    @pytest.mark.parametrize("amount", [True, "150000", 1.5, None])
    def test_take_only_whole_numbers_for_amounts(self, amount):
        assert facts.money(amount, "vnd") is None


class TestStripeLimits:
    def test_refuse_an_amount_beyond_eight_digits_before_any_call(self):
        with pytest.raises(GatewayRefused) as caught:
            registry.get("stripe").start(
                account_for("stripe"), order(amount=Money(100_000_000, "VND"))
            )
        assert caught.value.code == "amount_too_large"
