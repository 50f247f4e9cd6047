"""Starting, stopping, reviewing and refunding, without any provider."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError

from accounts.models import AuditEntry, SecurityEntry
from common.errors import Conflict, NotFound
from common.money import Money
from events.models import Event, Reaction
from payments import actions, payables, queries
from payments.actions import schedules
from payments.errors import (
    AlreadyPaid,
    NoGateway,
    NotRefundable,
    PaymentAlreadyOpen,
    PaymentNotCancelable,
    RefundTooLarge,
)
from payments.gateways.base import PaymentFacts, Progress, ProviderIds, RefundFacts, Started
from payments.models import GatewayAccount, LedgerEntry, Payment, Refund
from tests.factories.accounts import BusinessFactory, ContactFactory
from tests.factories.payments import NOON, GatewayAccountFactory, PaymentFactory
from tests.payments.parcel import state
from tests.payments.test_races import paid

pytestmark = pytest.mark.django_db


def create(contact, **changes):
    values = {
        "payable_type": "parcel",
        "payable_id": contact.public_id,
        "purpose": "deposit",
        "now": NOON,
        **changes,
    }
    return actions.create_payment(**values)


def told(payment, progress, **changes) -> PaymentFacts:
    return paid(payment, progress=progress, movement="", **changes)


@pytest.fixture
def account(contact):
    return GatewayAccountFactory(business=contact.business)


@pytest.mark.row("A10")
class TestCreatePayment:
    def test_asks_what_the_payable_asks_for(self, contact, parcel, account):
        parcel.expires_at = NOON + dt.timedelta(minutes=15)
        payment, is_new = create(contact)
        assert is_new
        assert (payment.status, payment.money, payment.flow) == (
            "submitting",
            Money(150000, "VND"),
            "hosted",
        )
        assert payment.idempotency_key == f"{payment.public_id}-start"
        [event] = Event.objects.filter(subject=payment.public_id)
        assert (event.type, event.data["amount_minor"]) == ("payment.created", 150000)
        waiting = Reaction.objects.filter(subject=payment.public_id, schedule_key__isnull=False)
        assert sorted(waiting.values_list("name", "due_at")) == [
            ("payments.check_payment", NOON + dt.timedelta(seconds=20)),
            ("payments.expire_payment", NOON + dt.timedelta(minutes=15)),
        ]

    def test_returns_the_open_one_for_the_same_wish(self, contact, parcel, account):
        first, _ = create(contact)
        again, is_new = create(contact, gateway="sandbox")
        assert (again.pk, is_new) == (first.pk, False)

    def test_refuses_another_wish_while_one_is_open(self, contact, parcel, account):
        first, _ = create(contact)
        GatewayAccountFactory(stripe=True, business=contact.business)
        with pytest.raises(PaymentAlreadyOpen) as caught:
            create(contact, gateway="stripe")
        assert caught.value.details == [{"field": "payment", "code": first.public_id}]
        parcel.price = Money(1, "VND")
        with pytest.raises(PaymentAlreadyOpen):
            create(contact)
        assert Payment.objects.count() == 1

    def test_refuses_what_is_paid_until_it_is_refunded(self, contact, parcel, account):
        payment = PaymentFactory(
            business=contact.business, contact=contact, gateway_account=account, paid=True
        )
        with pytest.raises(AlreadyPaid):
            create(contact)
        Payment.objects.filter(pk=payment.pk).update(refunded_minor=150000)
        assert create(contact)[1]

    def test_needs_an_account_that_is_in_use(self, contact, parcel, account):
        actions.disable_gateway_account(account_id=account.public_id, actor="usr_1")
        with pytest.raises(NoGateway):
            create(contact)
        with pytest.raises(payables.PayableMissing):
            create(contact, payable_type="nothing")

    def test_never_uses_the_account_of_another_business(self, contact, parcel):
        GatewayAccountFactory(business=BusinessFactory())
        with pytest.raises(NoGateway):
            create(contact)


class TestStarted:
    def test_keeps_what_the_provider_told(self, contact, parcel, account):
        payment, _ = create(contact)
        started = Started(ProviderIds("p1", "s1"), Progress.PENDING, "secret", "https://x.test/")
        payment = actions.mark_payment_started(
            payment_id=payment.public_id, started=started, now=NOON
        )
        assert (payment.status, payment.provider_id) == ("pending", "p1")
        with connection.cursor() as cursor:
            cursor.execute("SELECT client_secret FROM payments_payment")
            [[stored]] = cursor.fetchall()
        assert "secret" not in stored
        payment.refresh_from_db()
        assert payment.client_secret == "secret"

    def test_never_moves_a_payment_back(self, parcel):
        payment = PaymentFactory(paid=True, provider_id="")
        started = Started(ProviderIds("p1"), Progress.PENDING)
        after = actions.mark_payment_started(
            payment_id=payment.public_id, started=started, now=NOON
        )
        assert (after.status, after.provider_id) == ("succeeded", "p1")

    def test_refusal_ends_it_but_not_once_the_provider_has_it(self, contact, parcel, account):
        payment, _ = create(contact)
        ended = actions.mark_payment_refused(
            payment_id=payment.public_id, code="amount_too_small", now=NOON
        )
        assert (ended.status, ended.failure_code) == ("failed", "amount_too_small")
        taken = PaymentFactory(status="pending")
        after = actions.mark_payment_refused(payment_id=taken.public_id, code="x", now=NOON)
        assert after.status == "pending"


class TestUncertain:
    def test_is_asked_about_at_least_seven_times_in_a_quarter_of_an_hour(self):
        at, count = NOON, 0
        while at - NOON < dt.timedelta(minutes=15):
            at, count = schedules.next_check(NOON, at), count + 1
        assert count >= 7
        later = NOON + dt.timedelta(days=2)
        assert schedules.next_check(NOON, later) == later + dt.timedelta(hours=1)

    def test_changes_no_status(self, parcel):
        payment = PaymentFactory(status="submitting")
        after = actions.mark_payment_uncertain(payment_id=payment.public_id, now=NOON)
        assert (after.status, after.is_being_checked) == ("submitting", True)
        assert Event.objects.get().type == "payment.uncertain"
        actions.mark_payment_uncertain(payment_id=payment.public_id, now=NOON)
        assert Event.objects.count() == 1


class TestSettlePayment:
    def test_enters_money_once_and_fulfils(self, parcel):
        payment = PaymentFactory()
        for _ in range(3):
            actions.settle_payment(payment_id=payment.public_id, facts=paid(payment), now=NOON)
        payment.refresh_from_db()
        assert (payment.status, payment.succeeded_at) == ("succeeded", NOON)
        assert state(payment.payable_id) == "confirmed"
        assert LedgerEntry.objects.count() == 1

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"amount": Money(149999, "VND")}, "amount"),
            ({"amount": Money(150000, "USD")}, "currency"),
            ({"amount": None}, "amount"),
            ({"account": "acct_other"}, "account"),
            ({"is_live": True}, "mode"),
            ({"reference": "pay_other"}, "order"),
            ({"ids": ProviderIds("pi_other")}, "order"),
        ],
    )
    def test_reviews_what_does_not_fit(self, parcel, changes, reason):
        payment = PaymentFactory()
        facts = paid(payment, **changes)
        after = actions.settle_payment(payment_id=payment.public_id, facts=facts, now=NOON)
        assert (after.status, after.review_reason) == ("pending", reason)
        assert after.review_detail["expected_minor"] == 150000
        assert state(payment.payable_id) == ""
        assert LedgerEntry.objects.count() == 0
        assert SecurityEntry.objects.get().kind == "payment.mismatch"
        actions.settle_payment(payment_id=payment.public_id, facts=paid(payment), now=NOON)
        after.refresh_from_db()
        assert after.status == "pending"

    def test_keeps_the_money_and_opens_one_refund_when_refused(self, parcel):
        parcel.refuses = True
        payment = PaymentFactory()
        actions.settle_payment(payment_id=payment.public_id, facts=paid(payment), now=NOON)
        payment.refresh_from_db()
        [refund] = Refund.objects.all()
        assert (payment.status, payment.captured_minor) == ("succeeded", 150000)
        assert (refund.amount_minor, refund.status, refund.reason) == (
            150000,
            "requested",
            "not_payable",
        )
        assert state(payment.payable_id) == ""

    def test_gives_back_what_a_payable_that_is_gone_was_paid(self, parcel):
        payment = PaymentFactory(payable_id="ctc_gone")
        actions.settle_payment(payment_id=payment.public_id, facts=paid(payment), now=NOON)
        payment.refresh_from_db()
        assert (payment.status, Refund.objects.count()) == ("succeeded", 1)

    def test_wins_over_every_soft_end(self, parcel):
        for status in ("failed", "canceled", "expired"):
            payment = PaymentFactory(status=status, ended_at=NOON)
            after = actions.settle_payment(
                payment_id=payment.public_id, facts=paid(payment), now=NOON
            )
            assert after.status == "succeeded"

    def test_raises_for_an_unknown_payment(self):
        with pytest.raises(NotFound):
            actions.settle_payment(
                payment_id="pay_0", facts=PaymentFacts(Progress.SUCCEEDED, ProviderIds()), now=NOON
            )


class TestApplyProviderStatus:
    def apply(self, payment, progress, **changes):
        return actions.apply_provider_status(
            payment_id=payment.public_id, facts=told(payment, progress, **changes), now=NOON
        )

    def test_ignores_late_news(self, parcel):
        payment = PaymentFactory(status="processing")
        assert self.apply(payment, Progress.REQUIRES_ACTION).status == "processing"
        assert self.apply(payment, Progress.CANCELED).status == "canceled"
        assert self.apply(payment, Progress.PROCESSING).status == "canceled"
        assert Event.objects.count() == 1

    def test_does_not_believe_an_old_decline_while_money_is_on_its_way(self, parcel):
        payment = PaymentFactory(status="processing")
        after = self.apply(payment, Progress.PENDING, decline_code="declined")
        assert after.status == "processing"
        assert Reaction.objects.get(schedule_key="check").due_at == NOON
        after = self.apply(payment, Progress.PENDING, decline_code="declined", is_asked=True)
        assert (after.status, after.failure_code) == ("failed", "declined")

    def test_repeats_change_nothing(self, parcel):
        payment = PaymentFactory()
        first = self.apply(payment, Progress.REQUIRES_ACTION)
        second = self.apply(payment, Progress.REQUIRES_ACTION)
        assert (first.version, second.version) == (2, 2)


class TestStopping:
    def test_expires_only_in_time_and_never_while_processing(self, parcel):
        early = PaymentFactory(expires_at=NOON + dt.timedelta(seconds=1))
        assert actions.expire_payment(payment_id=early.public_id, now=NOON).status == "pending"
        busy = PaymentFactory(expires_at=NOON, status="processing")
        assert actions.expire_payment(payment_id=busy.public_id, now=NOON).status == "processing"
        due = PaymentFactory(expires_at=NOON)
        assert actions.expire_payment(payment_id=due.public_id, now=NOON).status == "expired"

    def test_cancels_once_and_not_when_money_is_on_its_way(self, parcel):
        payment = PaymentFactory()
        for _ in range(2):
            after = actions.cancel_payment(payment_id=payment.public_id, now=NOON, actor="usr_1")
        assert (after.status, Event.objects.get().actor) == ("canceled", "usr_1")
        for status in ("processing", "failed"):
            other = PaymentFactory(status=status)
            with pytest.raises(PaymentNotCancelable):
                actions.cancel_payment(payment_id=other.public_id, now=NOON)


class TestReview:
    def test_is_closed_by_a_person_with_a_reason(self, parcel):
        payment = PaymentFactory(review_reason="amount", review_opened_at=NOON)
        after = actions.resolve_review(
            payment_id=payment.public_id, actor="usr_1", reason="seen", now=NOON
        )
        assert not after.is_in_review
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.actor, entry.reason) == (
            "payment.resolve_review",
            "usr_1",
            "seen",
        )
        with pytest.raises(Conflict):
            actions.resolve_review(payment_id=payment.public_id, actor="usr_1", reason="", now=NOON)


class TestRequestRefund:
    def ask(self, payment, request_id="r1", amount=None):
        return actions.request_refund(
            payment_id=payment.public_id,
            request_id=request_id,
            reason="asked",
            actor="usr_1",
            amount=amount,
            now=NOON,
        )

    def test_counts_refunds_under_way(self, parcel):
        payment = PaymentFactory(paid=True)
        self.ask(payment, amount=Money(100000, "VND"))
        with pytest.raises(RefundTooLarge):
            self.ask(payment, "r2", Money(50001, "VND"))
        assert self.ask(payment, "r3").amount_minor == 50000
        with pytest.raises(RefundTooLarge):
            self.ask(payment, "r4")

    def test_refuses_other_currencies_and_unpaid_payments(self, parcel):
        payment = PaymentFactory(paid=True)
        with pytest.raises(RefundTooLarge):
            self.ask(payment, amount=Money(1, "USD"))
        with pytest.raises(NotRefundable):
            self.ask(PaymentFactory())

    def test_fails_after_success_and_gives_the_room_back(self, parcel):
        payment = PaymentFactory(paid=True)
        refund = self.ask(payment)
        facts = RefundFacts(Progress.SUCCEEDED, "re_1", ProviderIds(payment.provider_id))
        failed = RefundFacts(Progress.FAILED, "re_1", ProviderIds(payment.provider_id))
        for news in (facts, facts, failed, failed, facts):
            actions.apply_refund_status(refund_id=refund.public_id, facts=news, now=NOON)
        refund.refresh_from_db()
        payment.refresh_from_db()
        assert (refund.status, payment.refunded_minor) == ("failed", 0)
        assert [m.refunded_total for m in parcel.refunded_calls] == [Money(150000, "VND")]
        assert self.ask(payment, "r2").amount_minor == 150000


class TestDatabase:
    @pytest.mark.parametrize(
        "changes",
        [
            {"amount_minor": 0},
            {"refunded_minor": 1},
            {"captured_minor": 100, "refunded_minor": 101},
            {"status": "quantum"},
            {"currency": "vnd"},
            {"purpose": "tip"},
            {"status": "succeeded"},
            {"review_reason": "amount"},
        ],
    )
    def test_refuses_what_cannot_be(self, parcel, changes):
        with pytest.raises(IntegrityError):
            PaymentFactory(**changes)

    def test_holds_one_open_payment_for_a_purpose(self, contact):
        PaymentFactory(business=contact.business, contact=contact)
        account = GatewayAccount.objects.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            PaymentFactory(business=contact.business, contact=contact, gateway_account=account)
        PaymentFactory(
            business=contact.business, contact=contact, gateway_account=account, purpose="balance"
        )

    def test_enters_a_movement_once(self, parcel):
        payment = PaymentFactory(paid=True)
        values = {
            "payment": payment,
            "kind": "charge",
            "amount_minor": 1,
            "currency": "VND",
            "provider_reference": "ch_1",
        }
        LedgerEntry.objects.create(**values)
        with pytest.raises(IntegrityError), transaction.atomic():
            LedgerEntry.objects.create(**values)

    @pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET amount_minor = 2"])
    def test_never_changes_the_ledger(self, parcel, statement):
        payment = PaymentFactory(paid=True)
        LedgerEntry.objects.create(
            payment=payment,
            kind="charge",
            amount_minor=1,
            currency="VND",
            provider_reference="ch_1",
        )
        with (
            pytest.raises((IntegrityError, InternalError)),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement.format("payments_ledgerentry"))
        assert LedgerEntry.objects.get().amount_minor == 1


class TestAccounts:
    def test_are_changed_not_doubled_and_kept_secret(self, contact):
        for secret in ("one-secret", "two-secret"):
            account = actions.connect_gateway_account(
                business=contact.business,
                gateway="sandbox",
                credentials={"webhook_secrets": [secret]},
                actor="usr_1",
            )
        assert GatewayAccount.objects.count() == 1
        assert account.reference == account.endpoint_id
        with connection.cursor() as cursor:
            cursor.execute("SELECT credentials FROM payments_gatewayaccount")
            [[stored]] = cursor.fetchall()
        assert "secret" not in stored
        assert "two-secret" not in repr(list(AuditEntry.objects.values()))

    def test_of_the_platform_are_one_a_gateway(self):
        GatewayAccountFactory(business=None)
        with pytest.raises(IntegrityError):
            GatewayAccountFactory(business=None)


class TestReconcilePayments:
    def test_asks_about_what_has_no_end(self, parcel):
        old = PaymentFactory(submitted_at=NOON - dt.timedelta(minutes=6))
        PaymentFactory(submitted_at=NOON - dt.timedelta(minutes=1))
        ended = PaymentFactory(status="expired", ended_at=NOON - dt.timedelta(hours=1))
        PaymentFactory(status="expired", ended_at=NOON - dt.timedelta(hours=5))
        PaymentFactory(paid=True)
        assert actions.reconcile_payments(now=NOON) == 2
        asked = Reaction.objects.filter(schedule_key="check").values_list("subject", flat=True)
        assert set(asked) == {old.public_id, ended.public_id}


class TestPaidTotal:
    def test_sums_what_came_and_went(self, contact):
        account = GatewayAccountFactory(business=contact.business)
        for purpose, refunded in (("deposit", 50000), ("balance", 0)):
            PaymentFactory(
                business=contact.business,
                contact=contact,
                gateway_account=account,
                purpose=purpose,
                paid=True,
                refunded_minor=refunded,
            )
        total = queries.paid_total(
            payable_type="parcel", payable_id=contact.public_id, currency="VND"
        )
        assert total == Money(250000, "VND")
        assert ContactFactory().payments.count() == 0
