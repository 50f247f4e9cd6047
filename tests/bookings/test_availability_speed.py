"""The sweep's budget: the processor's time for one search, best of several on a shared machine."""

from datetime import UTC, datetime
from time import thread_time
from zoneinfo import ZoneInfo

import pytest

from bookings.availability import (
    Busy,
    CalendarState,
    Fit,
    Hours,
    Schedule,
    Search,
    search_any,
    search_calendar,
)

HOUR = 3600
DAY = 24 * HOUR
ZONE = ZoneInfo("America/New_York")
START = int(datetime(2028, 3, 1, 5, tzinfo=UTC).timestamp())
FIT = Fit(duration=30 * 60, step=15 * 60, buffer_after=5 * 60, horizon_days=36500)
WEEK = {day: [Hours(9 * HOUR, 12 * HOUR), Hours(13 * HOUR, 17 * HOUR)] for day in range(7)}


def staff_with(bookings: int, *, days: int = 30, shift: int = 0) -> CalendarState:
    busy = [
        Busy(at, at + 35 * 60)
        for n in range(bookings)
        for at in [START + (n % days) * DAY + 9 * HOUR + (n // days) * 65 * 60 + shift]
    ]
    return CalendarState(Schedule(ZONE, WEEK), busy)


def best_ms(run: object, times: int) -> float:
    assert callable(run)
    spent = []
    for _ in range(times):
        began = thread_time()
        run()
        spent.append(thread_time() - began)
    return min(spent) * 1000


@pytest.mark.row("B4")
class TestSpeed:
    def test_thirty_days_of_one_person_with_200_bookings_take_2_ms(self) -> None:
        state = staff_with(200)
        search = Search(FIT, START, START + 30 * DAY, 0.0)

        assert len(search_calendar(state, search)) == 90
        assert best_ms(lambda: search_calendar(state, search), 20) <= 2

    def test_fifty_people_with_10_000_bookings_take_150_ms(self) -> None:
        states = {n: staff_with(200, shift=n * 60) for n in range(50)}
        search = Search(FIT, START, START + 30 * DAY, 0.0)

        assert best_ms(lambda: search_any(states, search), 5) <= 150

    def test_ninety_days_cost_at_most_three_and_a_half_times_thirty(self) -> None:
        short, long = staff_with(200), staff_with(600, days=90)

        month = best_ms(lambda: search_calendar(short, Search(FIT, START, START + 30 * DAY, 0)), 20)
        quarter = best_ms(
            lambda: search_calendar(long, Search(FIT, START, START + 90 * DAY, 0)), 20
        )

        assert quarter <= 3.5 * month
