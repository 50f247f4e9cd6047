"""Several at once, on real connections: one time, one winner, no deadlock reaches anybody."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest
from django.db import connection, transaction

from bookings import actions
from bookings.actions import BOOKING_PAYABLE, NewCustomer, holding
from bookings.errors import SlotUnavailable
from bookings.models import Booking, Calendar, Occupancy, Tier
from common.errors import DomainError, IllegalTransition
from common.intervals import peak
from common.money import Money
from events.models import Event
from payments.payables import PaidMoney, PayableRefused
from tests.bookings.test_creating import S, book
from tests.factories.bookings import NINE, NOW, at, make_shop

pytestmark = pytest.mark.django_db(transaction=True)


_numbers = count()


def rival(tier: Tier, **options) -> Booking:
    """Book as somebody new: one customer's own row would make their calls wait for each other."""
    return book(
        tier, customer=NewCustomer("Rival", f"rival{next(_numbers)}@example.test"), **options
    )


def together(*calls: Callable[[], object]) -> list[object]:
    """Run all calls at the same moment, each on a connection of its own; errors are answers."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        try:
            gate.wait(timeout=60)
            return call()
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, c) for c in calls]]


@pytest.mark.row("B5")
class TestOneSlot:
    def test_of_sixteen_who_want_it_one_gets_it(self) -> None:
        tier = make_shop()

        answers = together(*[lambda: rival(tier) for _ in range(16)])

        winners = [answer for answer in answers if isinstance(answer, Booking)]
        losers = [answer for answer in answers if isinstance(answer, SlotUnavailable)]
        assert (len(winners), len(losers)) == (1, 15)
        assert all(loser.details[0]["alternatives"] for loser in losers)
        assert Booking.objects.count() == Occupancy.objects.count() == 1

    def test_without_the_check_the_constraint_still_lets_one_through(self, monkeypatch) -> None:
        tier = make_shop()
        monkeypatch.setattr(holding, "_can_serve", lambda *_: True)

        answers = together(*[lambda: rival(tier) for _ in range(8)])

        assert sum(isinstance(answer, Booking) for answer in answers) == 1
        assert sum(isinstance(answer, SlotUnavailable) for answer in answers) == 7

    def test_overlapping_starts_leave_no_overlap(self) -> None:
        tier = make_shop(tier={"step_minutes": 20})
        starts = [NINE + timedelta(minutes=20 * n) for n in range(12)]

        together(*[lambda start=start: rival(tier, starts_at=start) for start in starts])

        held = Occupancy.objects.filter(active=True).values_list("blocked_from", "blocked_to")
        assert peak(list(held)) == 1

    def test_parallel_work_never_passes_its_capacity(self) -> None:
        tier = make_shop(capacity=3, tier={"step_minutes": 20})
        starts = [NINE + timedelta(minutes=20 * (n % 3)) for n in range(12)]

        together(*[lambda start=start: rival(tier, starts_at=start) for start in starts])

        held = Occupancy.objects.filter(active=True).values_list("blocked_from", "blocked_to")
        assert (len(held), peak(list(held))) == (3, 3)

    def test_a_group_never_has_more_than_its_seats(self) -> None:
        tier = make_shop(tier={"group": True})

        answers = together(*[lambda: rival(tier) for _ in range(10)])

        assert sum(isinstance(answer, Booking) for answer in answers) == 3
        assert Booking.objects.values("session").distinct().count() == 1

    def test_anybody_is_shared_out_without_a_refusal_too_many(self) -> None:
        tier = make_shop(staff=4)

        answers = together(*[lambda: rival(tier) for _ in range(8)])

        assert sum(isinstance(answer, Booking) for answer in answers) == 4
        assert Occupancy.objects.values("calendar").distinct().count() == 4


class TestMoving:
    def test_two_who_swap_places_deadlock_nobody(self) -> None:
        tier = make_shop(staff=2, tier={"free": True})
        first, second = tier.service.performers.order_by("pk")
        here = book(tier, calendar_id=first.public_id)
        there = book(tier, calendar_id=second.public_id, starts_at=at(11))

        for _ in range(5):
            together(
                lambda: actions.reschedule_booking(
                    booking_id=here.public_id,
                    starts_at=at(13),
                    calendar_id=second.public_id,
                    now=NOW,
                ),
                lambda: actions.reschedule_booking(
                    booking_id=there.public_id,
                    starts_at=at(13),
                    calendar_id=first.public_id,
                    now=NOW,
                ),
            )
            together(
                lambda: actions.reschedule_booking(
                    booking_id=here.public_id,
                    starts_at=at(9),
                    calendar_id=first.public_id,
                    now=NOW,
                ),
                lambda: actions.reschedule_booking(
                    booking_id=there.public_id,
                    starts_at=at(11),
                    calendar_id=second.public_id,
                    now=NOW,
                ),
            )

        places = Booking.objects.order_by("pk").values_list("calendar", "starts_at")
        assert list(places) == [(first.pk, NINE), (second.pk, at(11))]
        assert Occupancy.objects.filter(active=True).count() == 2

    def test_two_bookings_of_one_time_by_moving_and_making(self) -> None:
        tier = make_shop()
        booking = book(tier)

        together(
            lambda: actions.reschedule_booking(
                booking_id=booking.public_id, starts_at=at(13), now=NOW
            ),
            lambda: rival(tier, starts_at=at(13)),
        )

        assert Occupancy.objects.filter(active=True, blocked_from=at(13)).count() == 1


class TestOneBooking:
    @pytest.mark.parametrize("number", range(10))
    def test_paid_canceled_and_expired_at_once_has_one_outcome(
        self, number: int, time_machine
    ) -> None:
        booking = book(make_shop())
        end = NOW + timedelta(minutes=15)
        time_machine.move_to(end, tick=False)
        money = PaidMoney("pay_1", "deposit", Money(2000, "USD"), end)

        def pay() -> None:
            with transaction.atomic():
                BOOKING_PAYABLE.lock(payable_id=booking.public_id)
                BOOKING_PAYABLE.paid(payable_id=booking.public_id, money=money)

        calls = [
            pay,
            lambda: actions.cancel_booking(booking_id=booking.public_id, now=end),
            lambda: actions.expire_booking(booking_id=booking.public_id, now=end),
        ]
        answers = together(*calls[number % 3 :], *calls[: number % 3])

        booking.refresh_from_db()
        holds = Occupancy.objects.filter(active=True).count()
        assert (booking.status, holds) in {(S.CANCELED, 0), (S.CONFIRMED, 1)} | {(S.EXPIRED, 0)}
        refused = [a for a in answers if isinstance(a, DomainError)]
        assert all(isinstance(a, PayableRefused | IllegalTransition) for a in refused)
        types = list(Event.objects.filter(subject=booking.public_id).values_list("type", flat=True))
        assert len(types) == len(set(types))

    def test_two_confirmations_are_one(self) -> None:
        booking = book(make_shop())

        together(
            *[
                lambda: actions.confirm_booking(booking_id=booking.public_id, now=NOW)
                for _ in range(6)
            ]
        )

        assert Event.objects.filter(type="booking.confirmed").count() == 1

    def test_a_lock_held_too_long_is_busy_and_not_an_error(self) -> None:
        tier = make_shop()
        locked, done = threading.Event(), threading.Event()

        def hold() -> None:
            with transaction.atomic():
                Calendar.objects.select_for_update().get()
                locked.set()
                done.wait(30)
            connection.close()

        def impatient() -> object:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '20ms'")
            return book(tier)

        thread = threading.Thread(target=hold)
        thread.start()
        locked.wait(10)
        try:
            answer = together(impatient)[0]
        finally:
            done.set()
            thread.join()

        assert isinstance(answer, DomainError)
        assert (answer.status, answer.code) == (503, "BUSY")
