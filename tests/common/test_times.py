from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from common.times import ceil_unix, day_bounds, local_date, wall_to_utc

HOUR = 3600


def reading(zone: str, day: date, seconds: int) -> str:
    return wall_to_utc(day, seconds, ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%MZ")


class TestWallToUtc:
    @pytest.mark.parametrize(
        ("zone", "day", "seconds", "expected"),
        [
            ("America/New_York", date(2028, 3, 12), 2 * HOUR, "2028-03-12T07:00Z"),
            ("America/New_York", date(2028, 3, 12), 2 * HOUR + 1800, "2028-03-12T07:00Z"),
            ("America/New_York", date(2028, 3, 12), 3 * HOUR, "2028-03-12T07:00Z"),
            ("Africa/Cairo", date(2028, 4, 28), 0, "2028-04-27T22:00Z"),
            ("America/Santiago", date(2028, 9, 3), 1800, "2028-09-03T04:00Z"),
            ("Pacific/Apia", date(2011, 12, 30), 12 * HOUR, "2011-12-30T10:00Z"),
        ],
    )
    def test_a_time_that_does_not_exist_is_the_transition(
        self, zone: str, day: date, seconds: int, expected: str
    ) -> None:
        assert reading(zone, day, seconds) == expected

    @pytest.mark.parametrize(
        ("zone", "day", "seconds", "expected"),
        [
            ("America/New_York", date(2028, 11, 5), HOUR + 1800, "2028-11-05T05:30Z"),
            ("Australia/Lord_Howe", date(2028, 4, 2), HOUR + 1800, "2028-04-01T14:30Z"),
            ("America/Havana", date(2028, 11, 5), 0, "2028-11-05T04:00Z"),
        ],
    )
    def test_a_time_that_occurs_twice_is_the_earlier_instant(
        self, zone: str, day: date, seconds: int, expected: str
    ) -> None:
        assert reading(zone, day, seconds) == expected

    def test_twenty_four_hundred_is_midnight_of_the_next_date(self) -> None:
        assert reading("Pacific/Chatham", date(2028, 6, 5), 24 * HOUR) == "2028-06-05T11:15Z"

    @pytest.mark.parametrize("seconds", [-1, 24 * HOUR + 1])
    def test_seconds_outside_a_day_are_refused(self, seconds: int) -> None:
        with pytest.raises(ValueError, match="seconds of a day"):
            wall_to_utc(date(2028, 6, 5), seconds, ZoneInfo("UTC"))

    @pytest.mark.parametrize(
        ("zone", "day"),
        [
            ("Australia/Lord_Howe", date(2028, 10, 1)),
            ("Australia/Lord_Howe", date(2028, 4, 2)),
            ("America/Santiago", date(2028, 9, 3)),
        ],
    )
    def test_the_order_of_wall_times_is_kept(self, zone: str, day: date) -> None:
        instants = [wall_to_utc(day, at, ZoneInfo(zone)) for at in range(0, 24 * HOUR + 1, 300)]

        assert instants == sorted(instants)


class TestDays:
    @pytest.mark.parametrize(
        ("day", "hours"), [(date(2028, 3, 12), 23), (date(2028, 11, 5), 25), (date(2028, 6, 5), 24)]
    )
    def test_a_local_day_is_as_long_as_its_clock_change_makes_it(
        self, day: date, hours: int
    ) -> None:
        start, end = day_bounds(day, ZoneInfo("America/New_York"))

        assert end - start == timedelta(hours=hours)

    def test_the_date_is_the_one_the_zone_shows(self) -> None:
        late = datetime(2028, 6, 5, 18, 30, tzinfo=UTC)

        assert local_date(late, ZoneInfo("Asia/Kathmandu")) == date(2028, 6, 6)


class TestCeilUnix:
    def test_a_fraction_rounds_up_and_a_whole_second_stays(self) -> None:
        whole = datetime(2028, 6, 5, tzinfo=UTC)

        assert ceil_unix(whole) == 1843776000
        assert ceil_unix(whole + timedelta(microseconds=1)) == 1843776001
