"""Slot lists from the database and from the cache, and what makes them stale."""

from datetime import date, time, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import actions as people
from bookings import actions, queries, reactions
from bookings.models import Booking, Occupancy, Tier, WeeklyRule
from bookings.queries import offer, slots, versions
from common.cache import ForgivingRedisCache
from common.errors import NotFound, ValidationFailed
from events.models import Event
from tests.bookings.test_creating import book
from tests.factories.bookings import (
    DAY,
    NINE,
    NOW,
    CalendarFactory,
    OccupancyFactory,
    at,
    make_shop,
)

pytestmark = pytest.mark.django_db
NEXT = DAY + timedelta(days=1)


def hours(tier: Tier, *, now=NOW, **options) -> list[int]:
    given = {"start": DAY, "end": NEXT, **options}
    found = queries.list_slots(tier_id=tier.public_id, now=now, **given)
    return [start.hour for start in found.instants()]


@pytest.fixture(autouse=True)
def no_copies():
    slots._local.clear()


@pytest.mark.row("B4")
class TestFinding:
    def test_the_day_less_what_is_booked(self) -> None:
        tier = make_shop()
        book(tier, starts_at=at(11))

        assert hours(tier) == [9, 10, 12, 13, 14, 15, 16]

    def test_a_calendar_with_hours_of_its_own_does_not_use_the_businesss(self) -> None:
        tier = make_shop(staff=2)
        first, second = tier.service.performers.order_by("pk")
        WeeklyRule.objects.create(
            business=tier.service.business,
            calendar=first,
            weekday=0,
            start_time=time(20),
            end_time=time(0),
        )

        found = queries.list_slots(tier_id=tier.public_id, start=DAY, end=NEXT, now=NOW)

        by_hour = {
            key: [(start - found.starts[0]) // 3600 + 9 for start in starts]
            for key, starts in found.by_calendar.items()
        }
        assert by_hour == {
            first.public_id: [20, 21, 22, 23],
            second.public_id: [9, 10, 11, 12, 13, 14, 15, 16],
        }
        assert hours(tier, calendar_id=first.public_id) == [20, 21, 22, 23]

    def test_a_calendars_own_override_wins_over_the_businesss(self) -> None:
        tier = make_shop(staff=2)
        business = tier.service.business
        first = tier.service.performers.order_by("pk")[0]
        actions.override_date(business=business, date=DAY.date(), openings=[])
        actions.override_date(
            business=business,
            calendar=first,
            date=DAY.date(),
            openings=[(time(6), time(8))],
        )

        assert hours(tier) == [6, 7]

    def test_a_night_runs_into_the_next_day(self) -> None:
        tier = make_shop()
        WeeklyRule.objects.update(start_time=time(22), end_time=time(2))

        assert hours(tier) == [22, 23]
        assert hours(tier, start=NEXT, end=NEXT + timedelta(days=1)) == [0, 1]

    def test_a_needed_room_must_be_free_and_open(self) -> None:
        tier = make_shop()
        room = CalendarFactory(business=tier.service.business)
        tier.service.needs.add(room)
        OccupancyFactory(calendar=room, blocked_from=at(9, 30), blocked_to=at(10, 30))

        assert hours(tier) == [11, 12, 13, 14, 15, 16]

    def test_a_session_is_offered_while_it_has_seats(self) -> None:
        tier = make_shop(tier={"group": True})
        book(tier, seats=2)
        assert hours(tier)[:2] == [9, 10]

        book(tier)
        slots._local.clear()
        cache.clear()

        assert hours(tier)[:2] == [10, 11]

    def test_what_is_not_offered_is_not_found(self) -> None:
        tier = make_shop()
        Tier.objects.update(is_active=False)

        with pytest.raises(NotFound):
            hours(tier)

    @pytest.mark.parametrize("end", [DAY, DAY + timedelta(days=101)])
    def test_an_unreasonable_range_is_refused(self, end) -> None:
        with pytest.raises(ValidationFailed):
            hours(make_shop(), end=end)


class TestStatements:
    @pytest.mark.parametrize("size", [1, 10, 100])
    def test_two_whatever_the_staff_the_days_and_the_bookings(self, size: int) -> None:
        tier = make_shop(staff=min(size, 20))
        for calendar in tier.service.performers.all():
            for number in range(size // 5):
                start = NINE + timedelta(days=number)
                OccupancyFactory(
                    calendar=calendar, blocked_from=start, blocked_to=start + timedelta(hours=1)
                )

        with CaptureQueriesContext(connection) as captured:
            hours(tier, end=DAY + timedelta(days=size if size < 100 else 90))

        assert len(captured) == 2

    def test_reads_the_offer_again_when_something_changed_while_it_was_read(
        self, monkeypatch
    ) -> None:
        tier = make_shop()
        read, reads = offer.load_offer, []

        def read_and_change(**arguments):
            found = read(**arguments)
            reads.append(found)
            if len(reads) == 1:  # committed after this read and before the tokens are read
                _add_rule(tier)
                versions.bump([tier.service.business.public_id])
            return found

        monkeypatch.setattr(slots, "load_offer", read_and_change)

        assert hours(tier) == [9]
        assert len(reads) == 2
        assert hours(tier) == [9]
        assert len(reads) == 2

    def test_none_when_kept(self, django_assert_num_queries) -> None:
        tier = make_shop()
        first = hours(tier)

        with django_assert_num_queries(0):
            assert hours(tier) == first
        slots._local.clear()
        with django_assert_num_queries(0):
            assert hours(tier) == first


def _add_rule(tier: Tier) -> None:
    actions.set_weekly_hours(business=tier.service.business, openings={0: [(time(9), time(10))]})


def _add_own_rule(tier: Tier) -> None:
    actions.set_weekly_hours(
        business=tier.service.business,
        calendar=tier.service.performers.get(),
        openings={0: [(time(9), time(10))]},
    )


def _override(tier: Tier) -> None:
    actions.override_date(business=tier.service.business, date=DAY.date(), openings=[])


def _block(tier: Tier) -> None:
    actions.block_time(
        business=tier.service.business,
        calendar=tier.service.performers.get(),
        dates=(DAY.date(), DAY.date()),
    )


def _edit_tier(tier: Tier) -> None:
    Tier.objects.update(step_minutes=120)
    actions.availability_edited(business=tier.service.business)


def _edit_capacity(tier: Tier) -> None:
    calendar = tier.service.performers.get()
    calendar.capacity = 2
    calendar.save()
    actions.availability_edited(business=tier.service.business, calendars=[calendar])


def _book(tier: Tier) -> None:
    book(tier, starts_at=at(12))


def _cancel(tier: Tier) -> None:
    actions.cancel_booking(booking_id=Booking.objects.get().public_id, now=NOW)


def _reschedule(tier: Tier) -> None:
    booking = Booking.objects.get()
    actions.reschedule_booking(booking_id=booking.public_id, starts_at=at(13), now=NOW)


def _expire(tier: Tier) -> None:
    booking = Booking.objects.get()
    Booking.objects.update(hold_expires_at=NOW)
    actions.expire_booking(booking_id=booking.public_id, now=NOW)


CHANGES = {
    _add_rule: [],
    _add_own_rule: [],
    _override: [],
    _block: [],
    _edit_tier: [11, 13, 15],
    _edit_capacity: [9, 10, 11, 12, 13, 14, 15, 16],
    _book: [10, 11, 13, 14, 15, 16],
    _cancel: [9, 10, 11, 12, 13, 14, 15, 16],
    _reschedule: [9, 10, 11, 12, 14, 15, 16],
    _expire: [9, 10, 11, 12, 13, 14, 15, 16],
}


@pytest.mark.row("B4")
@pytest.mark.row("B8")
class TestStaleness:
    @pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
    def test_every_change_that_matters_shows_at_once(
        self, change, django_capture_on_commit_callbacks
    ) -> None:
        tier = make_shop()
        with django_capture_on_commit_callbacks(execute=True):
            book(tier)
        assert hours(tier) == [10, 11, 12, 13, 14, 15, 16]

        with django_capture_on_commit_callbacks(execute=True):
            change(tier)

        assert hours(tier) == CHANGES[change]

    def test_another_businesss_change_does_not_touch_it(
        self, django_capture_on_commit_callbacks, django_assert_num_queries
    ) -> None:
        tier, other = make_shop(), make_shop()
        hours(tier)

        with django_capture_on_commit_callbacks(execute=True):
            book(other)

        with django_assert_num_queries(0):
            hours(tier)

    def test_a_list_ends_with_the_first_hold_that_runs_out(self) -> None:
        tier = make_shop()
        book(tier)
        assert hours(tier)[0] == 10

        assert hours(tier, now=NOW + timedelta(minutes=14))[0] == 10
        assert hours(tier, now=NOW + timedelta(minutes=15))[0] == 9

    def test_notice_is_applied_to_a_kept_list(self, django_assert_num_queries) -> None:
        tier = make_shop(tier={"notice_minutes": 60})
        hours(tier)

        with django_assert_num_queries(0):
            assert hours(tier, now=at(12)) == [13, 14, 15, 16]
            assert hours(tier, now=at(12, 1)) == [14, 15, 16]

    def test_a_changed_zone_shows_after_the_reaction(self) -> None:
        tier = make_shop()
        business = tier.service.business
        hours(tier)
        people.update_business(business_id=business.pk, actor="", timezone="Asia/Bangkok")

        reactions.refresh_business.call(Event.objects.get(type="business.updated"))

        assert hours(tier) == [2, 3, 4, 5, 6, 7, 8, 9]

    def test_a_rule_changed_between_token_and_data_is_not_kept_as_fresh(
        self, monkeypatch, django_capture_on_commit_callbacks
    ) -> None:
        tier = make_shop()
        real = offer.load_occupied

        def changing(*args, **options):
            found = real(*args, **options)
            OccupancyFactory(calendar=tier.service.performers.get())
            versions.bump([tier.service.performers.get().public_id])
            return found

        monkeypatch.setattr(slots, "load_occupied", changing)
        assert hours(tier)[0] == 9
        monkeypatch.setattr(slots, "load_occupied", real)

        assert hours(tier)[0] == 10


class TestWithoutTheCache:
    @pytest.fixture
    def silent_cache(self, monkeypatch):
        def silent(_self, _call, otherwise):
            return otherwise

        monkeypatch.setattr(ForgivingRedisCache, "_try", silent)

    def test_slots_and_bookings_work_without_it(
        self, silent_cache, django_capture_on_commit_callbacks
    ) -> None:
        tier = make_shop()

        with django_capture_on_commit_callbacks(execute=True):
            booking = book(tier)

        assert Occupancy.objects.get().booking == booking
        assert hours(tier)[0] == 10
        assert hours(tier)[0] == 10

    def test_what_was_missed_is_made_good_by_the_reaction(
        self, monkeypatch, django_capture_on_commit_callbacks
    ) -> None:
        tier = make_shop()
        hours(tier)
        with monkeypatch.context() as patch:
            patch.setattr(ForgivingRedisCache, "_try", lambda _self, _call, otherwise: otherwise)
            with django_capture_on_commit_callbacks(execute=True):
                book(tier)
        assert hours(tier)[0] == 9

        reactions.refresh_slots.call(Event.objects.get(type="booking.created"))

        assert hours(tier)[0] == 10


class TestCatalogue:
    def test_it_is_plain_data_kept_until_a_change(
        self, django_assert_num_queries, django_capture_on_commit_callbacks
    ) -> None:
        tier = make_shop(staff=2)
        business = tier.service.business

        first = queries.catalogue(business)
        with django_assert_num_queries(0):
            assert queries.catalogue(business) == first

        with django_capture_on_commit_callbacks(execute=True):
            Tier.objects.update(price_minor=9000)
            actions.availability_edited(business=business)

        assert first[0]["tiers"][0]["price_minor"] == 8000
        assert queries.catalogue(business)[0]["tiers"][0]["price_minor"] == 9000
        assert [person["name"] for person in first[0]["performers"]] == ["Person 0", "Person 1"]


class TestClosing:
    def test_a_block_can_be_lifted(self, django_capture_on_commit_callbacks) -> None:
        tier = make_shop()
        business = tier.service.business
        with django_capture_on_commit_callbacks(execute=True):
            block = actions.block_time(business=business, period=(at(9), at(12)))
        assert hours(tier)[0] == 12

        with django_capture_on_commit_callbacks(execute=True):
            actions.unblock_time(business=business, block_id=block.public_id)

        assert hours(tier)[0] == 9

    def test_a_block_without_end_closes_for_good(self) -> None:
        tier = make_shop()

        actions.block_time(business=tier.service.business, dates=(date.min, date.max))

        assert hours(tier) == []

    @pytest.mark.parametrize(
        "period",
        [
            {},
            {"period": (at(9), at(9))},
            {"dates": (date(2028, 6, 6), date(2028, 6, 5))},
            {"period": (at(9), at(10)), "dates": (DAY.date(), DAY.date())},
        ],
    )
    def test_a_block_needs_one_range_that_runs_forward(self, period) -> None:
        with pytest.raises(ValidationFailed):
            actions.block_time(business=make_shop().service.business, **period)
