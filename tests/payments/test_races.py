"""Paying, canceling and expiring at the same moment: one outcome, and no deadlock for anybody."""

import datetime as dt
import itertools
import os
import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection

from common.errors import DomainError
from common.money import Money
from events.models import Event
from payments import actions
from payments.gateways.base import PaymentFacts, Progress, ProviderIds
from payments.models import LedgerEntry, Payment, Refund
from tests.factories.accounts import ContactFactory
from tests.factories.payments import GatewayAccountFactory, PaymentFactory
from tests.payments.parcel import state

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = max(1, int(20 * float(os.environ.get("DRILL_SCALE", "1"))))
PAST = dt.datetime(2026, 11, 20, 11, tzinfo=dt.UTC)


def race(*calls: Callable[[], object]) -> list[BaseException]:
    """Run the calls at the same moment, each on its own connection; return what escaped."""
    barrier, escaped = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=60)
            call()
        except DomainError:
            pass
        except BaseException as error:  # noqa: BLE001  anything that escapes is the finding
            escaped.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return escaped


def paid(payment: Payment, **changes) -> PaymentFacts:
    values = {
        "progress": Progress.SUCCEEDED,
        "ids": ProviderIds(payment.provider_id),
        "reference": payment.public_id,
        "amount": Money(payment.amount_minor, payment.currency),
        "is_live": False,
        "movement": payment.provider_id,
    }
    return PaymentFacts(**{**values, **changes})


def settle_cancel_expire(rounds: int) -> None:
    contact = ContactFactory()
    account = GatewayAccountFactory(business=contact.business)
    orders = itertools.cycle(itertools.permutations(range(3)))
    for number in range(rounds):
        contact = ContactFactory(business=contact.business)
        payment = PaymentFactory(
            business=contact.business,
            contact=contact,
            gateway_account=account,
            payable_id=contact.public_id,
            expires_at=PAST,
        )
        now, pid = dt.datetime.now(dt.UTC), payment.public_id
        calls = [
            partial(actions.settle_payment, payment_id=pid, facts=paid(payment), now=now),
            partial(actions.cancel_payment, payment_id=pid, now=now),
            partial(actions.expire_payment, payment_id=pid, now=now),
        ]
        escaped = race(*(calls[place] for place in next(orders)))
        assert escaped == [], f"round {number}"
        payment.refresh_from_db()
        # Money wins whatever else happened, and has exactly one effect.
        assert payment.status == "succeeded"
        assert state(contact.public_id) == "confirmed"
        assert LedgerEntry.objects.filter(payment=payment).count() == 1
        ends = Event.objects.filter(
            subject=pid, type__in=["payment.canceled", "payment.expired"]
        ).count()
        assert ends <= 1
        assert Event.objects.filter(subject=pid, type="payment.succeeded").count() == 1


class TestSettleCancelExpire:
    def test_has_one_outcome(self, parcel):
        settle_cancel_expire(ROUNDS)

    @pytest.mark.drill
    @pytest.mark.timeout(900)
    def test_has_one_outcome_at_full_size(self, parcel):
        settle_cancel_expire(max(1, int(200 * float(os.environ.get("DRILL_SCALE", "0.1")))))

    def test_cancel_and_expire_alone_end_it_once(self, parcel):
        for _ in range(ROUNDS):
            payment = PaymentFactory(expires_at=PAST)
            now, pid = dt.datetime.now(dt.UTC), payment.public_id
            escaped = race(
                partial(actions.cancel_payment, payment_id=pid, now=now),
                partial(actions.expire_payment, payment_id=pid, now=now),
            )
            payment.refresh_from_db()
            assert (escaped, payment.version) == ([], 2)
            assert payment.status in {"canceled", "expired"}


class TestSettlingTwice:
    def test_at_the_same_moment_pays_once(self, parcel):
        for _ in range(ROUNDS // 4 + 1):
            payment = PaymentFactory()
            call = partial(
                actions.settle_payment,
                payment_id=payment.public_id,
                facts=paid(payment),
                now=dt.datetime.now(dt.UTC),
            )
            escaped = race(*[call] * 4)
            assert escaped == []
            assert LedgerEntry.objects.filter(payment=payment).count() == 1
        assert len(parcel.paid_calls) == ROUNDS // 4 + 1


class TestStartingTwice:
    def test_at_the_same_moment_makes_one_payment(self, parcel):
        contact = ContactFactory()
        GatewayAccountFactory(business=contact.business)
        escaped = race(
            *[
                lambda: actions.create_payment(
                    payable_type="parcel",
                    payable_id=contact.public_id,
                    purpose="deposit",
                    now=dt.datetime.now(dt.UTC),
                )
            ]
            * 6
        )
        assert (escaped, Payment.objects.count()) == ([], 1)


class TestRefundingTwice:
    def test_at_the_same_moment_never_exceeds_what_came_in(self, parcel):
        payment = PaymentFactory(paid=True)
        calls = [
            lambda number=number: actions.request_refund(
                payment_id=payment.public_id,
                request_id=f"r{number}",
                amount=Money(60000, "VND"),
                reason="asked",
                now=dt.datetime.now(dt.UTC),
            )
            for number in range(6)
        ]
        assert race(*calls) == []
        assert Refund.objects.count() == 2

    def test_with_one_request_id_makes_one(self, parcel):
        payment = PaymentFactory(paid=True)
        call = lambda: actions.request_refund(  # noqa: E731  the same call six times
            payment_id=payment.public_id,
            request_id="r1",
            reason="asked",
            now=dt.datetime.now(dt.UTC),
        )
        assert race(*[call] * 6) == []
        assert Refund.objects.count() == 1
