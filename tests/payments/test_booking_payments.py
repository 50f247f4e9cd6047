"""A real booking, paid through the sandbox and raced over."""

import datetime as dt
import itertools
import os
from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from accounts.links import guest_token
from bookings import actions as booking_actions
from bookings.actions import calling_off
from bookings.models import Booking
from events import relay
from events.models import Event
from payments import actions, provider_calls
from payments.models import LedgerEntry, Payment, Refund
from tests.bookings.test_creating import book
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import make_shop
from tests.factories.payments import GatewayAccountFactory, PaymentFactory
from tests.payments.test_races import paid, race
from tests.payments.test_sandbox import press

pytestmark = pytest.mark.django_db(transaction=True)
S = Booking.Status
ROUNDS = max(1, int(15 * float(os.environ.get("DRILL_SCALE", "1"))))


@pytest.fixture
def tier(live_server, settings):
    settings.SITE_URL = live_server.url
    made = make_shop(tier={"horizon_days": 3000})
    GatewayAccountFactory(business=made.service.business)
    return made


def start(booking: Booking) -> Payment:
    return provider_calls.start_payment(
        payable_type="booking",
        payable_id=booking.public_id,
        purpose="deposit",
        return_url="/done",
    )


def end_hold(booking: Booking, payment: Payment) -> None:
    """Let the time to pay be over for both."""
    now = timezone.now()
    Booking.objects.filter(pk=booking.pk).update(hold_expires_at=now)
    Payment.objects.filter(pk=payment.pk).update(expires_at=now)
    booking_actions.expire_booking(booking_id=booking.public_id, now=timezone.now())
    actions.expire_payment(payment_id=payment.public_id, now=timezone.now())


@pytest.mark.row("A5")
@pytest.mark.row("B5")
class TestPayingADeposit:
    def test_confirms_the_booking_in_the_same_transaction(self, client, tier):
        booking = book(tier, now=timezone.now())
        payment = start(booking)
        assert payment.expires_at == booking.hold_expires_at
        press(client, payment, "approve")
        booking.refresh_from_db()
        assert (payment.status, booking.status, booking.paid_minor) == (
            "succeeded",
            S.CONFIRMED,
            2000,
        )
        xids = Event.objects.filter(
            type__in=["payment.succeeded", "booking.confirmed"]
        ).values_list("xid", flat=True)
        assert len(xids) == 2
        assert len(set(xids)) == 1

    @pytest.mark.parametrize("is_taken", [False, True])
    def test_late_rebooks_or_goes_back_once(self, client: Client, tier, is_taken):
        booking = book(tier, now=timezone.now())
        payment = start(booking)
        press(client, payment, "never")
        end_hold(booking, payment)
        if is_taken:
            book(tier, now=timezone.now())
        for _ in range(2):
            provider_calls.check_payment(payment_id=payment.public_id)
            relay.drain_all()
        booking.refresh_from_db()
        payment.refresh_from_db()
        refunds = list(Refund.objects.values_list("amount_minor", "status"))
        if is_taken:
            assert (booking.status, refunds) == (S.EXPIRED, [(2000, "succeeded")])
        else:
            assert (booking.status, refunds) == (S.CONFIRMED, [])
        assert (payment.status, LedgerEntry.objects.filter(kind="charge").count()) == (
            "succeeded",
            1,
        )


def settle_cancel_expire(tier, rounds: int) -> set[str]:
    account = GatewayAccountFactory(business=tier.service.business, gateway="stripe")
    outcomes = set()
    orders = itertools.cycle(itertools.permutations(range(4)))
    for number in range(rounds):
        booking = book(tier, now=timezone.now())
        payment = PaymentFactory(
            business=booking.business,
            contact=booking.contact,
            gateway_account=account,
            payable_type="booking",
            payable_id=booking.public_id,
            amount_minor=booking.deposit_minor,
            currency=booking.currency,
            expires_at=timezone.now(),
        )
        Booking.objects.filter(pk=booking.pk).update(hold_expires_at=timezone.now())
        now, bid, pid = (
            timezone.now() + dt.timedelta(seconds=1),
            booking.public_id,
            payment.public_id,
        )
        calls: list[Callable[[], object]] = [
            partial(actions.settle_payment, payment_id=pid, facts=paid(payment), now=now),
            partial(booking_actions.cancel_booking, booking_id=bid, now=now),
            partial(booking_actions.expire_booking, booking_id=bid, now=now),
            partial(actions.expire_payment, payment_id=pid, now=now),
        ]
        escaped = race(*(calls[place] for place in next(orders)))
        assert escaped == [], f"round {number}"
        booking.refresh_from_db()
        payment.refresh_from_db()
        refunds = Refund.objects.filter(payment=payment).count()
        # The money is a fact in every order; it confirmed the booking or is on its way back.
        assert payment.status == "succeeded"
        confirmed = Event.objects.filter(subject=bid, type="booking.confirmed").count()
        assert (confirmed, refunds) in {(1, 0), (0, 1)}
        outcomes.add(f"{booking.status}/{refunds}")
        if booking.status in {S.CONFIRMED}:
            booking_actions.cancel_booking(booking_id=bid, now=timezone.now())
    return outcomes


class TestSettleCancelExpire:
    def test_has_one_outcome(self, tier):
        outcomes = settle_cancel_expire(tier, ROUNDS)
        assert outcomes <= {"confirmed/0", "canceled/0", "canceled/1", "expired/1"}

    @pytest.mark.drill
    @pytest.mark.timeout(900)
    def test_has_one_outcome_in_200_rounds(self, tier):
        rounds = max(1, int(200 * float(os.environ.get("DRILL_SCALE", "0.1"))))
        settle_cancel_expire(tier, rounds)


class TestCallingOff:
    def test_a_canceled_booking_takes_its_open_payment_with_it(self, tier):
        booking = book(tier, now=timezone.now())
        payment = start(booking)

        booking_actions.cancel_booking(
            booking_id=booking.public_id, now=timezone.now(), reason="Changed my mind"
        )
        relay.drain_all()

        payment.refresh_from_db()
        assert payment.status == "canceled"

    def test_what_is_on_its_way_back_already_does_not_keep_a_booking_from_ending(
        self, client, tier
    ):
        booking = book(tier, now=timezone.now())
        payment = start(booking)
        press(client, payment, "approve")
        actions.request_refund(
            payment_id=payment.public_id, request_id="by-hand", reason="kind", now=timezone.now()
        )

        calling_off.cancel_with_refund(booking_id=booking.public_id, now=timezone.now())

        booking.refresh_from_db()
        assert booking.status == S.CANCELED
        assert Refund.objects.filter(payment=payment).count() == 1

    def test_a_guest_who_cancels_in_time_over_the_api_gets_the_money_back(self, client, tier):
        booking = book(tier, now=timezone.now())
        payment = start(booking)
        press(client, payment, "approve")
        Booking.objects.filter(pk=booking.pk).update(
            starts_at=timezone.now() + dt.timedelta(days=9),
            ends_at=timezone.now() + dt.timedelta(days=9, hours=1),
        )

        answer = client.post(
            f"/api/v1/bookings/{booking.public_id}/cancel",
            {"reason": "ill"},
            content_type="application/json",
            headers={"X-Booking-Token": guest_token(subject=booking.public_id)},
        )

        assert answer.status_code == 200
        assert Refund.objects.get(payment=payment).amount_minor == payment.amount_minor

    def test_staff_who_cancel_over_the_api_decide_on_the_money_apart(self, client, tier):
        booking = book(tier, now=timezone.now())
        payment = start(booking)
        press(client, payment, "approve")
        owner = MembershipFactory(business=booking.business)
        client.force_login(owner.user)

        answer = client.post(
            f"/api/v1/bookings/{booking.public_id}/cancel",
            {"reason": "closed"},
            content_type="application/json",
        )

        assert (answer.status_code, Refund.objects.count()) == (200, 0)
