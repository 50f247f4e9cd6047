"""Making bookings: what is held, for how long, and who is refused."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Contact
from bookings import actions
from bookings.actions import NewCustomer
from bookings.errors import SlotUnavailable
from bookings.models import BlockedPeriod, Booking, Occupancy, Session, Task, Tier
from common.db import EXCLUSION_VIOLATION, sqlstate
from common.errors import Conflict, NotFound
from events.models import Event, Reaction
from tests.factories.accounts import ContactFactory
from tests.factories.bookings import (
    DAY,
    NINE,
    NOW,
    CalendarFactory,
    OccupancyFactory,
    TaskTemplateFactory,
    at,
    make_shop,
)

pytestmark = pytest.mark.django_db
LAN = NewCustomer(name="Lan", email="lan@example.test")
S = Booking.Status


def book(tier: Tier, **options) -> Booking:
    given = {"starts_at": NINE, "now": NOW, "customer": LAN, **options}
    return actions.create_booking(tier_id=tier.public_id, **given)


def statements(captured: CaptureQueriesContext) -> list[str]:
    marks = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
    return [q["sql"] for q in captured if not q["sql"].startswith(marks)]


@pytest.mark.row("B5")
class TestHolding:
    def test_a_booking_with_a_deposit_is_pending_and_holds_its_time_for_15_minutes(self) -> None:
        tier = make_shop()

        booking = book(tier)

        booking.refresh_from_db()
        assert booking.status == S.PENDING
        assert booking.hold_expires_at == NOW + timedelta(minutes=15)
        assert (booking.starts_at, booking.ends_at) == (NINE, at(10))
        assert (booking.price_minor, booking.deposit_minor, booking.currency) == (8000, 2000, "USD")
        held = Occupancy.objects.get()
        assert (held.blocked_from, held.blocked_to, held.active) == (NINE, at(10), True)
        assert held.expires_at == booking.hold_expires_at
        assert held.booking == booking

    def test_the_fact_is_recorded_and_the_end_of_the_hold_is_scheduled(self) -> None:
        booking = book(make_shop(), actor="usr_someone")

        event = Event.objects.get(subject=booking.public_id)
        assert (event.type, event.actor) == ("booking.created", "usr_someone")
        assert event.data["status"] == "pending"
        assert "email" not in event.data
        turn = Reaction.objects.get(name="bookings.expire_hold")
        assert (turn.subject, turn.due_at) == (booking.public_id, booking.hold_expires_at)

    def test_a_free_booking_is_confirmed_at_once(self) -> None:
        booking = book(make_shop(tier={"free": True}))

        assert (booking.status, booking.confirmed_at) == (S.CONFIRMED, NOW)
        assert Occupancy.objects.get().expires_at is None
        types = Event.objects.filter(subject=booking.public_id).order_by("id")
        assert [event.type for event in types] == ["booking.created", "booking.confirmed"]

    def test_where_staff_approve_it_is_requested_and_held_for_a_day(self) -> None:
        booking = book(make_shop(tier={"needs_approval": True}))

        assert booking.status == S.REQUESTED
        assert booking.hold_expires_at == NOW + timedelta(hours=24)
        types = Event.objects.filter(subject=booking.public_id).order_by("id")
        assert [event.type for event in types] == ["booking.created", "booking.requested"]

    def test_buffers_are_held_and_copied(self) -> None:
        tier = make_shop(tier={"buffer_before_minutes": 10, "buffer_after_minutes": 20})

        booking = book(tier)

        Tier.objects.update(buffer_before_minutes=0, buffer_after_minutes=0)
        booking.refresh_from_db()
        assert (booking.buffer_before_minutes, booking.buffer_after_minutes) == (10, 20)
        held = Occupancy.objects.get()
        assert (held.blocked_from, held.blocked_to) == (at(8, 50), at(10, 20))

    def test_a_deposit_by_percent_is_rounded_to_the_minor_unit(self) -> None:
        tier = make_shop(
            tier={"price_minor": 3333, "deposit_kind": "percent", "deposit_percent": 50}
            | {"deposit_minor": 0}
        )

        assert book(tier).deposit_minor == 1667


@pytest.mark.row("B4")
class TestRefusing:
    def test_taken_time_is_refused_with_the_nearest_alternatives(self) -> None:
        tier = make_shop()
        book(tier, starts_at=at(11))

        with pytest.raises(SlotUnavailable) as caught:
            book(tier, starts_at=at(11))

        assert (caught.value.code, caught.value.status) == ("SLOT_UNAVAILABLE", 409)
        assert caught.value.details == [
            {
                "field": "starts_at",
                "alternatives": [
                    f"2028-06-05T{hour}:00:00+00:00" for hour in ("09", "10", "12", "13", "14")
                ],
            }
        ]
        assert Booking.objects.count() == 1

    @pytest.mark.parametrize(
        "start",
        [at(8), at(17), at(16, 30), at(9, 30), DAY + timedelta(days=1), NOW - timedelta(days=3)],
    )
    def test_a_time_that_is_not_offered_is_refused(self, start) -> None:
        with pytest.raises(SlotUnavailable):
            book(make_shop(), starts_at=start)

    def test_who_is_refused_leaves_nothing_behind(self) -> None:
        tier = make_shop()
        book(tier)
        before = (Contact.objects.count(), Event.objects.count(), Reaction.objects.count())

        with pytest.raises(SlotUnavailable):
            book(tier, customer=NewCustomer(name="Mai", email="mai@example.test"))

        assert not Contact.objects.filter(email="mai@example.test").exists()
        assert before == (
            Contact.objects.count(),
            Event.objects.count(),
            Reaction.objects.count(),
        )

    def test_staff_may_book_outside_hours_and_grid_but_not_over_a_booking(self) -> None:
        tier = make_shop(tier={"needs_approval": True})

        early = book(tier, starts_at=at(7, 20), by_staff=True)

        assert early.status == S.PENDING
        with pytest.raises(SlotUnavailable):
            book(tier, starts_at=at(7), by_staff=True)

    def test_a_neighbours_buffer_is_respected(self) -> None:
        tier = make_shop(tier={"buffer_after_minutes": 10})
        book(tier)

        with pytest.raises(SlotUnavailable):
            book(tier, starts_at=at(10))
        assert book(tier, starts_at=at(11)).starts_at == at(11)

    def test_a_blocked_period_is_refused(self) -> None:
        tier = make_shop()
        BlockedPeriod.objects.create(
            business=tier.service.business, first_date=DAY.date(), last_date=DAY.date()
        )

        with pytest.raises(SlotUnavailable):
            book(tier)

    def test_what_is_not_offered_is_not_found_except_for_staff(self) -> None:
        tier = make_shop()
        Tier.objects.update(is_active=False)

        with pytest.raises(NotFound):
            book(tier)
        assert book(tier, by_staff=True).status == S.PENDING

    def test_another_businesss_customer_is_refused(self) -> None:
        with pytest.raises(Conflict):
            book(make_shop(), customer=ContactFactory())

    def test_an_unknown_tier_or_calendar_is_not_found(self) -> None:
        tier = make_shop()
        with pytest.raises(NotFound):
            book(tier, calendar_id="cal_unknown")
        with pytest.raises(NotFound):
            actions.create_booking(tier_id="tir_no", starts_at=NINE, now=NOW, customer=LAN)


class TestExpiredHolds:
    def test_at_its_end_a_hold_is_free_and_gives_way(self) -> None:
        tier = make_shop()
        first = book(tier)

        later = book(tier, now=NOW + timedelta(minutes=15))

        assert Occupancy.objects.get(active=True).booking == later
        assert Occupancy.objects.get(active=False).booking == first

    def test_before_its_end_it_does_not(self) -> None:
        tier = make_shop()
        book(tier)

        with pytest.raises(SlotUnavailable):
            book(tier, now=NOW + timedelta(minutes=14, seconds=59))


class TestAnybody:
    def test_the_person_with_the_emptier_day_is_taken(self) -> None:
        tier = make_shop(staff=2)
        first, second = tier.service.performers.order_by("pk")
        book(tier, starts_at=at(14), calendar_id=first.public_id)

        assert book(tier).calendar == second

    def test_when_all_are_taken_it_is_refused(self) -> None:
        tier = make_shop(staff=2)
        assert {book(tier).calendar_id, book(tier).calendar_id} == set(
            tier.service.performers.values_list("pk", flat=True)
        )

        with pytest.raises(SlotUnavailable):
            book(tier)


class TestSeveralCalendars:
    def test_a_needed_room_is_held_too_and_stops_a_second_person(self) -> None:
        tier = make_shop(staff=2)
        room = CalendarFactory(business=tier.service.business, name="Room")
        tier.service.needs.add(room)

        booking = book(tier)

        held = Occupancy.objects.values_list("calendar_id", flat=True)
        assert set(held) == {booking.calendar_id, room.pk}
        with pytest.raises(SlotUnavailable):
            book(tier)

    def test_a_person_in_two_businesses_is_blocked_in_the_other(self) -> None:
        here, there = make_shop(), make_shop()
        mine = here.service.performers.get()
        theirs = there.service.performers.get()
        theirs.staff = mine.staff
        theirs.save()

        book(here)

        with pytest.raises(SlotUnavailable):
            book(there)


class TestParallelWork:
    def test_capacity_counts_the_peak_and_not_the_rows(self) -> None:
        tier = make_shop(tier={"duration_minutes": 120}, capacity=2)
        calendar = tier.service.performers.get()
        for start, end in ((at(9), at(10)), (at(10), at(11))):
            OccupancyFactory(calendar=calendar, blocked_from=start, blocked_to=end, exclusive=False)

        assert book(tier).status == S.PENDING
        with pytest.raises(SlotUnavailable):
            book(tier)


class TestGroupSessions:
    def test_seats_are_shared_until_none_is_left(self) -> None:
        tier = make_shop(tier={"group": True})

        first, second = book(tier), book(tier, seats=2)

        assert first.session_id == second.session_id
        assert second.price_minor == 16000
        session = Session.objects.get()
        assert (session.seats, session.starts_at) == (3, NINE)
        assert Occupancy.objects.get().session == session
        with pytest.raises(SlotUnavailable):
            book(tier)

    def test_its_time_lasts_as_long_as_its_longest_hold(self) -> None:
        tier = make_shop(tier={"group": True})
        book(tier)

        later = book(tier, now=NOW + timedelta(minutes=5))

        assert Occupancy.objects.get().expires_at == later.hold_expires_at

    def test_another_service_cannot_use_its_time(self) -> None:
        tier = make_shop(tier={"group": True})
        calendar = tier.service.performers.get()
        other = make_shop(staff=0, tier={"service__business": tier.service.business})
        other.service.performers.add(calendar)
        book(tier)

        with pytest.raises(SlotUnavailable):
            book(other)


class TestRepeating:
    def test_a_repeatable_call_returns_the_live_booking(self) -> None:
        tier = make_shop()

        first = book(tier, is_repeatable=True)
        again = book(tier, is_repeatable=True)

        assert again == first
        assert Booking.objects.count() == 1


class TestTheLastWord:
    def test_the_database_refuses_overlapping_exclusive_time(self) -> None:
        held = OccupancyFactory()

        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            OccupancyFactory(calendar=held.calendar, blocked_from=at(9, 59), blocked_to=at(11))

        assert sqlstate(caught.value) == EXCLUSION_VIOLATION

    def test_touching_time_released_time_and_other_calendars_pass(self) -> None:
        held = OccupancyFactory()

        OccupancyFactory(calendar=held.calendar, blocked_from=at(10), blocked_to=at(11))
        OccupancyFactory(calendar=held.calendar, active=False)
        OccupancyFactory()

        assert Occupancy.objects.count() == 4

    def test_an_empty_range_is_refused(self) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            OccupancyFactory(blocked_to=NINE)

    def test_its_refusal_is_an_unavailable_slot(self, monkeypatch) -> None:
        tier = make_shop()
        book(tier)
        monkeypatch.setattr("bookings.actions.holding._can_serve", lambda *_: True)

        with pytest.raises(SlotUnavailable):
            book(tier)


@pytest.mark.row("A14")
class TestTasks:
    def test_a_confirmed_booking_brings_its_services_tasks(self) -> None:
        tier = make_shop(tier={"free": True})
        TaskTemplateFactory(service=tier.service)
        TaskTemplateFactory(service=tier.service, title="Call", role="desk", offset_minutes=60)

        booking = book(tier)

        prepare, call = Task.objects.order_by("pk")
        assert (prepare.title, prepare.due_at) == ("Prepare the room", at(8, 45))
        assert prepare.assignee == booking.calendar.staff
        assert (call.title, call.due_at, call.assignee) == ("Call", at(10), None)
        assert Event.objects.filter(type="task.created").count() == 2

    def test_a_pending_one_brings_none_yet(self) -> None:
        tier = make_shop()
        TaskTemplateFactory(service=tier.service)

        book(tier)

        assert Task.objects.count() == 0


class TestStatements:
    @pytest.mark.parametrize("size", [1, 10, 100])
    def test_a_booking_takes_four_whatever_the_calendar_holds(self, size: int) -> None:
        tier = make_shop()
        calendar = tier.service.performers.get()
        for number in range(size):
            start = at(9) + timedelta(days=7 * (number + 1))
            OccupancyFactory(
                calendar=calendar, blocked_from=start, blocked_to=start + timedelta(hours=1)
            )

        with CaptureQueriesContext(connection) as captured:
            book(tier)

        assert len(statements(captured)) == 4, statements(captured)

    def test_it_takes_as_many_with_ten_people_and_a_group(self) -> None:
        tier = make_shop(staff=10, tier={"group": True})

        with CaptureQueriesContext(connection) as captured:
            book(tier)

        assert len(statements(captured)) == 4
