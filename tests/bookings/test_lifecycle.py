"""Every step of a booking's life, legal and not, and what becomes of its time."""

from datetime import timedelta

import pytest

from bookings import actions
from bookings.errors import SlotTaken, SlotUnavailable, TooEarly
from bookings.models import Booking, Occupancy, Task, Tier
from bookings.states import TRANSITIONS, advance
from common.errors import IllegalTransition
from events.models import Event, Reaction
from tests.bookings.test_creating import S, book
from tests.factories.bookings import (
    NINE,
    NOW,
    BookingFactory,
    OccupancyFactory,
    TaskTemplateFactory,
    at,
    make_shop,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=20)


def facts(booking: Booking) -> list[str]:
    events = Event.objects.filter(subject=booking.public_id).order_by("id")
    return [event.type.removeprefix("booking.") for event in events]


class TestTheTable:
    LEGAL = {
        ("requested", "pending"),
        ("requested", "confirmed"),
        ("requested", "canceled"),
        ("requested", "expired"),
        ("pending", "confirmed"),
        ("pending", "expired"),
        ("pending", "canceled"),
        ("expired", "confirmed"),
        ("confirmed", "completed"),
        ("confirmed", "no_show"),
        ("confirmed", "canceled"),
        ("completed", "no_show"),
        ("no_show", "completed"),
    }

    @pytest.mark.parametrize("start", S)
    @pytest.mark.parametrize("end", S)
    def test_only_listed_steps_are_taken(self, start: Booking.Status, end: Booking.Status) -> None:
        booking = BookingFactory.build(status=start, tier=None, service=None, business=None,
                                       contact=None, calendar=None)  # fmt: skip

        if (start.value, end.value) in self.LEGAL:
            advance(booking, end, now=NOW)
            assert (booking.status, booking.version) == (end, 2)
        else:
            with pytest.raises(IllegalTransition):
                advance(booking, end, now=NOW)
            assert (booking.status, booking.version) == (start, 1)

    def test_every_state_is_in_the_table(self) -> None:
        assert set(TRANSITIONS) == set(S)


@pytest.mark.row("B5")
class TestConfirming:
    def test_a_live_hold_becomes_lasting_time(self) -> None:
        booking = book(make_shop())

        confirmed = actions.confirm_booking(booking_id=booking.public_id, now=NOW)

        assert (confirmed.status, confirmed.version) == (S.CONFIRMED, 2)
        assert (confirmed.confirmed_at, confirmed.hold_expires_at) == (NOW, None)
        held = Occupancy.objects.get()
        assert (held.active, held.expires_at) == (True, None)
        assert facts(booking) == ["created", "confirmed"]
        assert not Reaction.objects.filter(name="bookings.expire_hold").exists()

    def test_twice_is_once(self) -> None:
        tier = make_shop()
        TaskTemplateFactory(service=tier.service)
        booking = book(tier)

        for _ in range(2):
            actions.confirm_booking(booking_id=booking.public_id, now=NOW)

        assert facts(booking) == ["created", "confirmed"]
        assert Task.objects.count() == 1

    def test_a_hold_that_ran_out_wins_its_time_again_when_it_is_free(self) -> None:
        booking = book(make_shop())
        actions.expire_booking(booking_id=booking.public_id, now=LATER)

        actions.confirm_booking(booking_id=booking.public_id, now=LATER)

        booking.refresh_from_db()
        assert booking.status == S.CONFIRMED
        held = Occupancy.objects.get(active=True)
        assert (held.booking, held.blocked_from, held.expires_at) == (booking, NINE, None)
        assert facts(booking) == ["created", "expired", "confirmed"]

    @pytest.mark.parametrize("is_expired", [True, False])
    def test_when_somebody_has_the_time_nothing_changes(self, is_expired: bool) -> None:
        tier = make_shop()
        booking = book(tier)
        if is_expired:
            actions.expire_booking(booking_id=booking.public_id, now=LATER)
        winner = book(tier, now=LATER)

        with pytest.raises(SlotTaken):
            actions.confirm_booking(booking_id=booking.public_id, now=LATER)

        booking.refresh_from_db()
        assert booking.status == (S.EXPIRED if is_expired else S.PENDING)
        assert Occupancy.objects.get(active=True).booking == winner
        assert "confirmed" not in facts(booking)

    def test_winning_again_does_not_ask_for_opening_hours(self) -> None:
        tier = make_shop()
        booking = book(tier)
        actions.expire_booking(booking_id=booking.public_id, now=LATER)
        actions.set_weekly_hours(business=tier.service.business, openings={})
        tier.service.performers.clear()

        actions.confirm_booking(booking_id=booking.public_id, now=LATER)

        booking.refresh_from_db()
        assert booking.status == S.CONFIRMED

    def test_a_canceled_one_stays_canceled(self) -> None:
        booking = book(make_shop())
        actions.cancel_booking(booking_id=booking.public_id, now=NOW)

        with pytest.raises(IllegalTransition):
            actions.confirm_booking(booking_id=booking.public_id, now=NOW)

    def test_a_seat_of_a_session_is_won_again(self) -> None:
        tier = make_shop(tier={"group": True})
        booking = book(tier)
        actions.expire_booking(booking_id=booking.public_id, now=LATER)
        assert Occupancy.objects.get().active is False

        actions.confirm_booking(booking_id=booking.public_id, now=LATER)

        booking.refresh_from_db()
        held = Occupancy.objects.get(active=True)
        assert (held.session_id, held.expires_at) == (booking.session_id, None)


class TestExpiring:
    def test_the_hold_ends_at_its_instant_and_frees_the_time(self) -> None:
        booking = book(make_shop())
        end = NOW + timedelta(minutes=15)

        early = actions.expire_booking(
            booking_id=booking.public_id, now=end - timedelta(microseconds=1)
        )
        assert early.status == S.PENDING
        for _ in range(2):
            actions.expire_booking(booking_id=booking.public_id, now=end)

        booking.refresh_from_db()
        assert booking.status == S.EXPIRED
        assert Occupancy.objects.get().active is False
        assert facts(booking) == ["created", "expired"]

    def test_a_confirmed_booking_is_left_alone(self) -> None:
        booking = book(make_shop(tier={"free": True}))

        actions.expire_booking(booking_id=booking.public_id, now=NOW + timedelta(days=2))

        assert Occupancy.objects.get().active is True

    def test_a_session_stays_while_others_hold_seats(self) -> None:
        tier = make_shop(tier={"group": True})
        first = book(tier)
        second = book(tier, now=NOW + timedelta(minutes=10))

        actions.expire_booking(booking_id=first.public_id, now=LATER)
        assert Occupancy.objects.get().active is True
        actions.expire_booking(booking_id=second.public_id, now=NOW + timedelta(hours=1))

        assert Occupancy.objects.get().active is False

    def test_a_payment_in_processing_extends_the_hold_to_an_hour_at_most(self) -> None:
        booking = book(make_shop())
        Booking.objects.update(created_at=NOW)

        for _ in range(2):
            extended = actions.extend_hold(
                booking_id=booking.public_id, until=NOW + timedelta(hours=5), now=NOW
            )

        assert (extended.hold_expires_at, extended.version) == (NOW + timedelta(hours=1), 2)
        assert Occupancy.objects.get().expires_at == NOW + timedelta(hours=1)
        turn = Reaction.objects.get(name="bookings.expire_hold")
        assert turn.due_at == NOW + timedelta(hours=1)


class TestCanceling:
    def test_the_time_is_free_and_the_tasks_are_gone(self) -> None:
        tier = make_shop(tier={"free": True})
        TaskTemplateFactory(service=tier.service)
        booking = book(tier)

        for _ in range(2):
            actions.cancel_booking(
                booking_id=booking.public_id, now=NOW, reason="ill", actor="usr_x"
            )

        booking.refresh_from_db()
        assert (booking.status, booking.cancel_reason, booking.ended_at) == (S.CANCELED, "ill", NOW)
        assert Occupancy.objects.get().active is False
        assert Task.objects.get().status == Task.Status.CANCELED
        assert facts(booking) == ["created", "confirmed", "canceled"]
        assert book(tier).status == S.CONFIRMED

    def test_a_completed_one_cannot_be_canceled(self) -> None:
        booking = book(make_shop(tier={"free": True}))
        actions.complete_booking(booking_id=booking.public_id, now=NINE)

        with pytest.raises(IllegalTransition):
            actions.cancel_booking(booking_id=booking.public_id, now=at(10))


class TestClosing:
    def test_completed_and_no_show_may_be_corrected_for_seven_days(self) -> None:
        booking = book(make_shop(tier={"free": True}))
        key = booking.public_id

        actions.mark_no_show(booking_id=key, now=NINE)
        done = actions.complete_booking(booking_id=key, now=NINE + timedelta(days=7))
        assert (done.status, done.ended_at) == (S.COMPLETED, NINE)
        with pytest.raises(IllegalTransition):
            actions.mark_no_show(booking_id=key, now=NINE + timedelta(days=7, seconds=1))

        assert facts(booking) == ["created", "confirmed", "no_show", "completed"]

    def test_not_before_the_appointment_begins(self) -> None:
        booking = book(make_shop(tier={"free": True}))

        with pytest.raises(TooEarly):
            actions.complete_booking(booking_id=booking.public_id, now=NINE - timedelta(seconds=1))

    def test_a_pending_one_cannot_be_completed(self) -> None:
        booking = book(make_shop())

        with pytest.raises(IllegalTransition):
            actions.complete_booking(booking_id=booking.public_id, now=NINE)


class TestAnswering:
    def test_an_approved_request_with_a_deposit_has_a_day_to_pay(self) -> None:
        booking = book(make_shop(tier={"needs_approval": True}))
        answered = NOW + timedelta(hours=23)

        for _ in range(2):
            actions.approve_request(booking_id=booking.public_id, now=answered)

        booking.refresh_from_db()
        until = answered + timedelta(hours=24)
        assert (booking.status, booking.hold_expires_at) == (S.PENDING, until)
        assert Occupancy.objects.get().expires_at == until
        assert Reaction.objects.get(name="bookings.expire_hold").due_at == until
        assert facts(booking) == ["created", "requested", "approved"]

    def test_an_approved_request_without_one_is_confirmed(self) -> None:
        booking = book(make_shop(tier={"free": True, "needs_approval": True}))

        actions.approve_request(booking_id=booking.public_id, now=NOW)

        assert facts(booking) == ["created", "requested", "confirmed"]

    def test_an_unanswered_request_cannot_be_approved_after_its_day(self) -> None:
        booking = book(make_shop(tier={"needs_approval": True}))

        with pytest.raises(IllegalTransition):
            actions.approve_request(booking_id=booking.public_id, now=NOW + timedelta(hours=24))

    def test_a_declined_request_frees_its_time(self) -> None:
        tier = make_shop(tier={"needs_approval": True})
        booking = book(tier)

        actions.decline_request(booking_id=booking.public_id, now=NOW, reason="full")

        booking.refresh_from_db()
        assert (booking.status, booking.cancel_reason) == (S.CANCELED, "full")
        assert book(tier).status == S.REQUESTED

    def test_only_a_request_can_be_declined(self) -> None:
        booking = book(make_shop())

        with pytest.raises(IllegalTransition):
            actions.decline_request(booking_id=booking.public_id, now=NOW)


class TestRescheduling:
    def move(self, booking: Booking, **options) -> Booking:
        given = {"starts_at": at(11), "now": NOW, **options}
        return actions.reschedule_booking(booking_id=booking.public_id, **given)

    def test_old_time_is_given_up_for_new_in_one_step(self) -> None:
        tier = make_shop(tier={"free": True})
        TaskTemplateFactory(service=tier.service)
        booking = book(tier)

        moved = self.move(booking)

        assert (moved.starts_at, moved.ends_at, moved.version) == (at(11), at(12), 2)
        held = Occupancy.objects.get()
        assert (held.blocked_from, held.active, held.booking) == (at(11), True, booking)
        assert Task.objects.get().due_at == at(10, 45)
        event = Event.objects.get(type="booking.rescheduled")
        assert event.data["previous_starts_at"] == NINE.isoformat()
        assert book(tier).starts_at == NINE

    def test_its_own_time_does_not_stand_in_the_way(self) -> None:
        booking = book(make_shop(tier={"step_minutes": 30}))

        assert self.move(booking, starts_at=at(9, 30)).starts_at == at(9, 30)

    @pytest.mark.parametrize("by_staff", [False, True])
    def test_needs_the_length_agreed_and_not_the_tiers_present_one(self, by_staff) -> None:
        tier = make_shop(tier={"free": True, "step_minutes": 30}, capacity=2)
        booking = book(tier)
        for _ in range(2):
            book(tier, starts_at=at(11, 30))
        Tier.objects.filter(pk=tier.pk).update(duration_minutes=30)

        with pytest.raises(SlotUnavailable):
            self.move(booking, starts_at=at(11), by_staff=by_staff)

        assert self.move(booking, starts_at=at(14), by_staff=by_staff).ends_at == at(15)

    def test_stays_within_opening_hours_for_its_own_length(self) -> None:
        tier = make_shop(tier={"step_minutes": 30})
        booking = book(tier)
        Tier.objects.filter(pk=tier.pk).update(duration_minutes=30)

        with pytest.raises(SlotUnavailable):
            self.move(booking, starts_at=at(16, 30))

    def test_a_refused_move_leaves_everything_as_it_was(self) -> None:
        tier = make_shop()
        booking = book(tier)
        other = book(tier, starts_at=at(11))

        with pytest.raises(SlotUnavailable) as caught:
            self.move(booking)

        booking.refresh_from_db()
        assert (booking.starts_at, booking.version) == (NINE, 1)
        held = Occupancy.objects.order_by("blocked_from").values_list("booking", "active")
        assert list(held) == [(booking.pk, True), (other.pk, True)]
        assert caught.value.details[0]["alternatives"][0] == "2028-06-05T10:00:00+00:00"

    def test_to_another_person(self) -> None:
        tier = make_shop(staff=2)
        first, second = tier.service.performers.order_by("pk")
        booking = book(tier, calendar_id=first.public_id)

        moved = self.move(booking, starts_at=NINE, calendar_id=second.public_id)

        assert moved.calendar == second
        assert Occupancy.objects.get().calendar == second

    def test_the_same_place_changes_nothing(self) -> None:
        booking = book(make_shop())

        assert self.move(booking, starts_at=NINE).version == 1

    def test_a_hold_keeps_its_end(self) -> None:
        booking = book(make_shop())

        self.move(booking)

        assert Occupancy.objects.get().expires_at == NOW + timedelta(minutes=15)

    def test_a_canceled_one_cannot_move(self) -> None:
        booking = book(make_shop())
        actions.cancel_booking(booking_id=booking.public_id, now=NOW)

        with pytest.raises(IllegalTransition):
            self.move(booking)

    def test_one_of_a_group_leaves_the_others_their_session(self) -> None:
        tier = make_shop(tier={"group": True})
        stays, goes = book(tier), book(tier)

        moved = self.move(goes)

        assert moved.session_id != stays.session_id
        held = Occupancy.objects.filter(active=True).order_by("blocked_from")
        assert [row.session_id for row in held] == [stays.session_id, moved.session_id]

    def test_the_last_of_a_group_frees_its_session(self) -> None:
        booking = book(make_shop(tier={"group": True}))

        moved = self.move(booking)

        assert Occupancy.objects.get(active=True).session_id == moved.session_id

    def test_something_from_outside_in_the_calendar_refuses(self) -> None:
        booking = book(make_shop())
        OccupancyFactory(calendar=booking.calendar, blocked_from=at(11), blocked_to=at(12))

        with pytest.raises(SlotUnavailable):
            self.move(booking, by_staff=True)
