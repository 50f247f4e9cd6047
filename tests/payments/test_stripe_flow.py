"""Stripe end to end: the real client, the stand-in, and notices through the real door."""

import datetime as dt

import pytest

from events import relay
from events.models import Event, Reaction
from payments import actions, provider_calls
from payments.gateways import registry
from payments.models import LedgerEntry, Payment, Refund
from tests.payments.parcel import state
from webhooks.models import InboundEvent

pytestmark = pytest.mark.django_db(transaction=True)


def start(contact, **changes) -> Payment:
    return provider_calls.start_payment(
        payable_type="parcel",
        payable_id=contact.public_id,
        purpose="deposit",
        gateway="stripe",
        **{"return_url": "http://127.0.0.1:1/done", **changes},
    )


def run_checks() -> None:
    """Let every scheduled question be due, and do the work."""
    Reaction.objects.filter(state=0, name__startswith="payments.check").update(
        due_at=dt.datetime.now(dt.UTC)
    )
    relay.drain_all()


@pytest.mark.row("B6")
class TestEmbedded:
    def test_returns_a_client_secret_and_is_paid_by_the_notice(
        self, contact, parcel, stripe_account, fake_stripe, settle
    ):
        payment = start(contact)
        assert payment.status == "pending"
        assert payment.client_secret.startswith(payment.provider_id + "_secret_")
        fake_stripe.confirm(payment.provider_id)
        settle()
        payment.refresh_from_db()
        assert (payment.status, payment.captured_minor) == ("succeeded", 150000)
        assert state(contact.public_id) == "confirmed"
        assert [money.payment_id for money in parcel.paid_calls] == [payment.public_id]
        [entry] = LedgerEntry.objects.all()
        assert (entry.kind, entry.amount_minor, entry.currency) == ("charge", 150000, "VND")
        assert list(
            Event.objects.filter(subject=payment.public_id)
            .order_by("id")
            .values_list("type", flat=True)
        ) == ["payment.created", "payment.pending", "payment.succeeded"]

    def test_passes_3d_secure(self, contact, parcel, stripe_account, fake_stripe, settle):
        payment = start(contact)
        fake_stripe.confirm(payment.provider_id, "pm_card_threeDSecure2Required")
        settle()
        payment.refresh_from_db()
        assert payment.status == "requires_action"
        fake_stripe.authenticate(payment.provider_id)
        settle()
        payment.refresh_from_db()
        assert payment.status == "succeeded"

    def test_stays_open_after_a_decline_and_is_paid_by_another_card(
        self, contact, parcel, stripe_account, fake_stripe, settle
    ):
        payment = start(contact)
        fake_stripe.confirm(payment.provider_id, "pm_card_chargeDeclinedInsufficientFunds")
        settle()
        payment.refresh_from_db()
        assert (payment.status, payment.failure_code) == ("pending", "insufficient_funds")
        assert Event.objects.filter(type="payment.declined").count() == 1
        assert state(contact.public_id) == ""
        fake_stripe.confirm(payment.provider_id)
        settle()
        payment.refresh_from_db()
        assert (payment.status, payment.failure_code) == ("succeeded", "")

    def test_processing_then_fails_for_good(
        self, contact, parcel, stripe_account, fake_stripe, settle
    ):
        payment = start(contact)
        fake_stripe.confirm(payment.provider_id, "pm_usBankAccount")
        settle()
        payment.refresh_from_db()
        assert payment.status == "processing"
        fake_stripe.settle(payment.provider_id, is_paid=False)
        settle()
        run_checks()
        payment.refresh_from_db()
        assert payment.status == "failed"


@pytest.mark.row("B6")
class TestHosted:
    def test_is_paid_on_stripes_page(self, contact, parcel, stripe_account, fake_stripe, settle):
        payment = start(contact, flow="hosted")
        assert payment.checkout_url.startswith(fake_stripe.url + "/c/pay/cs_test_")
        [request] = [r for r in fake_stripe.requests if r["path"] == "/v1/checkout/sessions"]
        ends = int(request["params"]["expires_at"])
        assert ends == int((payment.created_at + dt.timedelta(minutes=31)).timestamp())
        fake_stripe.pay_session(payment.provider_session_id)
        settle()
        payment.refresh_from_db()
        assert payment.status == "succeeded"
        assert payment.provider_id.startswith("pi_")
        assert LedgerEntry.objects.count() == 1

    def test_needs_no_address_to_come_back_to(self, contact, parcel, stripe_account, fake_stripe):
        payment = start(contact, flow="hosted", return_url="")

        assert (payment.status, payment.failure_code) == ("pending", "")
        assert payment.checkout_url.startswith("http://127.0.0.1:")

    def test_ends_with_the_session(self, contact, parcel, stripe_account, fake_stripe, settle):
        payment = start(contact, flow="hosted")
        actions.cancel_payment(payment_id=payment.public_id, now=dt.datetime.now(dt.UTC))
        relay.drain_all()
        settle()
        payment.refresh_from_db()
        assert payment.status == "canceled"
        assert any(r["path"].endswith("/expire") for r in fake_stripe.requests)


class TestUncertainStart:
    """The four provider faults: each leaves the payment unchanged and is settled by asking."""

    def check(self, contact, payment, fake_stripe, settle) -> None:
        assert (payment.status, payment.is_being_checked) == ("submitting", True)
        assert state(contact.public_id) == ""
        due = Reaction.objects.get(name="payments.check_payment", state=0).due_at
        assert due - payment.created_at < dt.timedelta(minutes=15)
        run_checks()
        payment.refresh_from_db()
        assert (payment.status, payment.is_being_checked) == ("pending", False)
        assert payment.client_secret.startswith(payment.provider_id + "_secret_")
        fake_stripe.confirm(payment.provider_id)
        settle()
        payment.refresh_from_db()
        assert payment.status == "succeeded"
        assert len({row["id"] for row in self.intents(fake_stripe)}) == 1

    @staticmethod
    def intents(fake_stripe) -> list[dict[str, object]]:
        import stripe

        client = stripe.StripeClient("sk_test_frontdesk", base_addresses={"api": fake_stripe.url})
        return [row.to_dict() for row in client.v1.payment_intents.list().data]

    def test_after_a_timeout(  # noqa: PLR0917  fixtures
        self, contact, parcel, stripe_account, fake_stripe, settle, monkeypatch
    ):
        from payments.gateways.stripe import client

        fake_stripe.fault("hang", method="POST", path="/v1/payment_intents", seconds=20)
        with monkeypatch.context() as hasty:
            hasty.setattr(client, "TIMEOUT", (5, 1))
            client._client.cache_clear()
            payment = start(contact)
        client._client.cache_clear()
        self.check(contact, payment, fake_stripe, settle)

    def test_after_an_html_answer(self, contact, parcel, stripe_account, fake_stripe, settle):
        fake_stripe.fault("html", method="POST", path="/v1/payment_intents")
        self.check(contact, start(contact), fake_stripe, settle)

    def test_after_a_failure_that_followed_acceptance(
        self, contact, parcel, stripe_account, fake_stripe, settle
    ):
        fake_stripe.fault("error_after", method="POST", path="/v1/payment_intents")
        self.check(contact, start(contact), fake_stripe, settle)

    def test_after_an_unknown_status(self, contact, parcel, stripe_account, fake_stripe, settle):
        fake_stripe.fault("unknown_status", method="POST", path="/v1/payment_intents")
        self.check(contact, start(contact), fake_stripe, settle)

    def test_goes_to_review_when_the_status_stays_unknown(
        self, contact, parcel, stripe_account, fake_stripe
    ):
        payment = start(contact)
        fake_stripe.patch("payment_intents", payment.provider_id, status="in_superposition")
        run_checks()
        payment.refresh_from_db()
        assert (payment.status, payment.is_being_checked) == ("pending", True)
        Payment.objects.update(uncertain_since=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=16))
        run_checks()
        payment.refresh_from_db()
        assert (payment.status, payment.review_reason) == ("pending", "status")


class TestLostNotices:
    def test_are_made_up_for_by_asking(self, contact, parcel, stripe_account, fake_stripe, settle):
        fake_stripe.fault("drop", times=99)
        payment = start(contact)
        fake_stripe.confirm(payment.provider_id)
        settle()
        payment.refresh_from_db()
        assert payment.status == "pending"
        run_checks()
        payment.refresh_from_db()
        assert payment.status == "succeeded"
        assert state(contact.public_id) == "confirmed"

    def test_out_of_order_and_twice_change_nothing(
        self, contact, parcel, stripe_account, fake_stripe, settle
    ):
        fake_stripe.fault("reorder", count=3)
        payment = start(contact)
        fake_stripe.confirm(payment.provider_id)
        settle()
        for event in list(InboundEvent.objects.all()):
            fake_stripe.resend(event.event_id)
        settle()
        payment.refresh_from_db()
        assert (payment.status, payment.captured_minor) == ("succeeded", 150000)
        assert LedgerEntry.objects.count() == 1
        assert len(parcel.paid_calls) == 1
        assert set(InboundEvent.objects.values_list("duplicates", flat=True)) == {1}


@pytest.mark.row("A5")
class TestMismatch:
    @pytest.mark.parametrize(
        ("fault", "reason"),
        [
            ("wrong_amount", "amount"),
            ("wrong_currency", "currency"),
            ("other_account", "account"),
            ("live_mode", "mode"),
        ],
    )
    def test_goes_to_review_and_fulfils_nothing(  # noqa: PLR0917  fixtures
        self, contact, parcel, stripe_account, fake_stripe, settle, fault, reason
    ):
        payment = start(contact)
        fake_stripe.fault(fault, event="payment_intent.succeeded")
        fake_stripe.confirm(payment.provider_id)
        settle()
        payment.refresh_from_db()
        assert (payment.status, payment.review_reason) == ("pending", reason)
        assert state(contact.public_id) == ""
        assert LedgerEntry.objects.count() == 0
        assert Event.objects.filter(type="payment.review_opened").count() == 1

    def test_is_asked_about_again_once_a_person_has_looked(
        self, contact, parcel, stripe_account, fake_stripe, settle
    ):
        payment = start(contact)
        fake_stripe.fault("wrong_amount", event="payment_intent.succeeded")
        fake_stripe.confirm(payment.provider_id)
        settle()
        actions.resolve_review(
            payment_id=payment.public_id,
            actor="usr_1",
            reason="checked",
            now=dt.datetime.now(dt.UTC),
        )
        run_checks()
        payment.refresh_from_db()
        assert payment.status == "succeeded"


class TestLateMoney:
    def late(self, contact, fake_stripe, settle) -> Payment:
        payment = start(contact)
        Payment.objects.update(expires_at=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1))
        actions.expire_payment(payment_id=payment.public_id, now=dt.datetime.now(dt.UTC))
        fake_stripe.confirm(payment.provider_id)
        settle()
        payment.refresh_from_db()
        return payment

    def test_wins_the_time_again(self, contact, parcel, stripe_account, fake_stripe, settle):
        assert self.late(contact, fake_stripe, settle).status == "succeeded"
        assert state(contact.public_id) == "confirmed"
        assert Refund.objects.count() == 0

    def test_goes_back_once_when_the_time_is_taken(
        self, contact, parcel, stripe_account, fake_stripe, settle
    ):
        parcel.refuses = True
        payment = self.late(contact, fake_stripe, settle)
        settle()
        [refund] = Refund.objects.all()
        assert (payment.status, refund.status) == ("succeeded", "succeeded")
        assert (refund.amount_minor, refund.request_id) == (150000, "fulfilment_refused")
        for event in list(InboundEvent.objects.all()):
            fake_stripe.resend(event.event_id)
        settle()
        assert Refund.objects.count() == 1
        payment.refresh_from_db()
        assert (payment.captured_minor, payment.refunded_minor) == (150000, 150000)
        assert [r["path"] for r in fake_stripe.requests].count("/v1/refunds") == 1


class TestRefunds:
    def paid(self, contact, fake_stripe, settle, method="pm_card_visa") -> Payment:
        payment = start(contact)
        fake_stripe.confirm(payment.provider_id, method)
        settle()
        payment.refresh_from_db()
        assert payment.status == "succeeded"
        return payment

    def ask(self, payment, **changes) -> Refund:
        return actions.request_refund(
            payment_id=payment.public_id,
            request_id=changes.pop("request_id", "r1"),
            reason="asked",
            actor="usr_1",
            now=dt.datetime.now(dt.UTC),
            **changes,
        )

    def test_go_back_in_parts_and_never_beyond(
        self, contact, parcel, stripe_account, fake_stripe, settle
    ):
        from common.money import Money
        from payments.errors import RefundTooLarge

        payment = self.paid(contact, fake_stripe, settle)
        first = self.ask(payment, amount=Money(50000, "VND"))
        assert self.ask(payment, amount=Money(50000, "VND")).pk == first.pk
        with pytest.raises(RefundTooLarge):
            self.ask(payment, amount=Money(100001, "VND"), request_id="r2")
        rest = self.ask(payment, request_id="r3")
        assert rest.amount_minor == 100000
        settle()
        settle()
        payment.refresh_from_db()
        assert payment.refunded_minor == 150000
        assert {r.status for r in Refund.objects.all()} == {"succeeded"}
        assert sorted(m.refunded_total.minor for m in parcel.refunded_calls) == [50000, 150000] or (
            sorted(m.refunded_total.minor for m in parcel.refunded_calls) == [100000, 150000]
        )

    def test_wait_at_the_bank_and_come_back(
        self, contact, parcel, stripe_account, fake_stripe, settle
    ):
        payment = self.paid(contact, fake_stripe, settle, "pm_card_pendingRefund")
        refund = self.ask(payment)
        settle()
        refund.refresh_from_db()
        assert refund.status == "pending"
        fake_stripe.move_refund(refund.provider_id, "succeeded")
        settle()
        refund.refresh_from_db()
        assert refund.status == "succeeded"
        fake_stripe.move_refund(refund.provider_id, "failed")
        settle()
        refund.refresh_from_db()
        payment.refresh_from_db()
        assert (refund.status, payment.refunded_minor) == ("failed", 0)
        assert list(LedgerEntry.objects.order_by("id").values_list("kind", flat=True)) == [
            "charge",
            "refund",
            "refund_reversal",
        ]

    def test_are_submitted_once_though_the_answer_is_lost(
        self, contact, parcel, stripe_account, fake_stripe, settle
    ):
        payment = self.paid(contact, fake_stripe, settle)
        fake_stripe.fault("drop", times=99)
        fake_stripe.fault("html", method="POST", path="/v1/refunds")
        refund = self.ask(payment)
        relay.drain_all()
        refund.refresh_from_db()
        assert refund.status == "submitted"
        run_checks()
        refund.refresh_from_db()
        assert refund.status == "succeeded"
        posts = [
            r for r in fake_stripe.requests if (r["method"], r["path"]) == ("POST", "/v1/refunds")
        ]
        assert len(posts) == 1

    def test_are_not_submitted_once_somebody_else_ended_them(  # noqa: PLR0917  fixtures
        self, contact, parcel, stripe_account, fake_stripe, settle, monkeypatch
    ):
        payment = self.paid(contact, fake_stripe, settle)
        refund = self.ask(payment)
        mark = actions.mark_refund_submitted

        def late(**named):
            actions.mark_refund_refused(
                refund_id=refund.public_id, code="no_funds", now=dt.datetime.now(dt.UTC)
            )
            return mark(**named)

        monkeypatch.setattr(actions, "mark_refund_submitted", late)

        ended = provider_calls.submit_refund(refund_id=refund.public_id)

        assert ended is not None
        assert ended.status == "failed"
        assert "/v1/refunds" not in {request["path"] for request in fake_stripe.requests}

    def test_made_at_stripe_are_noticed(self, contact, parcel, stripe_account, fake_stripe, settle):
        import stripe

        payment = self.paid(contact, fake_stripe, settle)
        client = stripe.StripeClient("sk_test_frontdesk", base_addresses={"api": fake_stripe.url})
        client.v1.refunds.create({"payment_intent": payment.provider_id, "amount": 40000})
        settle()
        [refund] = Refund.objects.all()
        assert (refund.status, refund.amount_minor) == ("succeeded", 40000)
        payment.refresh_from_db()
        assert payment.refunded_minor == 40000


class TestCredentials:
    def test_are_proven_by_a_live_call(self, fake_stripe):
        from payments.errors import CredentialsRefused

        name = provider_calls.check_credentials(
            gateway="stripe", credentials={"secret_key": "sk_test_frontdesk"}
        )
        assert name.startswith("acct_")
        with pytest.raises(CredentialsRefused):
            provider_calls.check_credentials(gateway="stripe", credentials={"secret_key": "nope"})

    def test_never_appear_in_the_adapters_view_of_an_account(self, contact, stripe_account):
        from payments import queries

        account = queries.adapter_account(stripe_account)
        assert "sk_test" not in repr(account)
        assert registry.get("stripe").secrets(account) == ("whsec_test_secret",)
