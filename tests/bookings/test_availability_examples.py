"""The worked examples of the scheduling rules, and the edges beside them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bookings.availability import (
    Busy,
    CalendarState,
    Fit,
    Hours,
    OpenSession,
    Schedule,
    Search,
    nearest,
    search_any,
    search_calendar,
    within_notice,
)
from common.times import day_bounds

HOUR = 3600
MINUTE = 60
MONDAY, TUESDAY, FRIDAY, SATURDAY, SUNDAY = 0, 1, 4, 5, 6


def unix(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def wall(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * HOUR + int(minutes) * MINUTE


def hours(start: str, end: str) -> Hours:
    return Hours(wall(start), wall(end))


def starts_of(
    state: CalendarState, fit: Fit, day: date, *, now: str = "2011-01-01T00:00:00Z"
) -> list[str]:
    zone = state.schedule.zone
    start, end = day_bounds(day, zone)
    at = datetime.fromisoformat(now)
    search = Search(
        fit=fit, start=int(start.timestamp()), end=int(end.timestamp()), now=at.timestamp()
    )
    found = within_notice(search_calendar(state, search), fit=fit, now=at, zone=zone)
    return [datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%MZ") for t in found]


LONG = 36500


@pytest.mark.row("B4")
class TestWorkedExamples:
    def test_a_gap_shortens_the_window_and_the_grid_runs_in_elapsed_time(self) -> None:
        schedule = Schedule(ZoneInfo("America/New_York"), {SUNDAY: [hours("0:30", "4:30")]})
        fit = Fit(duration=HOUR, step=HOUR, horizon_days=LONG)

        found = starts_of(CalendarState(schedule), fit, date(2028, 3, 12))

        assert found == ["2028-03-12T05:30Z", "2028-03-12T06:30Z", "2028-03-12T07:30Z"]

    def test_a_half_hour_overlap_lengthens_the_window(self) -> None:
        schedule = Schedule(ZoneInfo("Australia/Lord_Howe"), {SUNDAY: [hours("1:00", "3:00")]})
        fit = Fit(duration=30 * MINUTE, step=30 * MINUTE, horizon_days=LONG)

        found = starts_of(CalendarState(schedule), fit, date(2028, 4, 2))

        assert found == [
            "2028-04-01T14:00Z",
            "2028-04-01T14:30Z",
            "2028-04-01T15:00Z",
            "2028-04-01T15:30Z",
            "2028-04-01T16:00Z",
        ]

    def test_buffers_keep_distance_from_a_booking_but_may_pass_closing_time(self) -> None:
        schedule = Schedule(ZoneInfo("Europe/London"), {MONDAY: [hours("9:00", "12:00")]})
        booked = Busy(unix("2028-06-05T08:45Z"), unix("2028-06-05T09:40Z"))
        fit = Fit(duration=30 * MINUTE, step=30 * MINUTE, buffer_after=600, horizon_days=LONG)

        found = starts_of(CalendarState(schedule, [booked]), fit, date(2028, 6, 5))

        assert found == ["2028-06-05T08:00Z", "2028-06-05T10:00Z", "2028-06-05T10:30Z"]

    def test_an_all_day_block_cuts_a_window_that_runs_in_from_the_evening_before(self) -> None:
        zone = ZoneInfo("Europe/London")
        block = tuple(int(at.timestamp()) for at in day_bounds(date(2028, 1, 15), zone))
        schedule = Schedule(zone, {FRIDAY: [hours("18:00", "2:00")]}, blocks=[(block[0], block[1])])
        fit = Fit(duration=2 * HOUR, step=2 * HOUR, horizon_days=LONG)
        state = CalendarState(schedule)

        assert starts_of(state, fit, date(2028, 1, 14)) == [
            "2028-01-14T18:00Z",
            "2028-01-14T20:00Z",
            "2028-01-14T22:00Z",
        ]
        assert starts_of(state, fit, date(2028, 1, 15)) == []

    def test_capacity_counts_the_peak_and_a_hold_ends_on_its_instant(self) -> None:
        schedule = Schedule(ZoneInfo("Australia/Sydney"), {TUESDAY: [hours("9:00", "12:00")]})
        busy = [
            Busy(unix("2028-02-07T22:00Z"), unix("2028-02-07T23:00Z")),
            Busy(
                unix("2028-02-07T22:30Z"),
                unix("2028-02-07T23:30Z"),
                float(unix("2028-02-01T01:10:00Z")),
            ),
            Busy(
                unix("2028-02-07T23:00Z"),
                unix("2028-02-08T00:00Z"),
                float(unix("2028-02-01T01:00:00Z")),
            ),
        ]
        state = CalendarState(schedule, busy, capacity=2)
        fit = Fit(duration=HOUR, step=HOUR, horizon_days=LONG)

        found = starts_of(state, fit, date(2028, 2, 8), now="2028-02-01T01:00:00Z")

        assert found == ["2028-02-07T23:00Z", "2028-02-08T00:00Z"]


class TestGrid:
    def test_a_business_that_never_closes_has_a_grid_from_each_midnight(self) -> None:
        always = {day: [hours("0:00", "24:00")] for day in range(7)}
        state = CalendarState(Schedule(ZoneInfo("UTC"), always))
        fit = Fit(duration=7 * HOUR, step=7 * HOUR, horizon_days=LONG)

        assert starts_of(state, fit, date(2028, 1, 14)) == [
            "2028-01-14T00:00Z",
            "2028-01-14T07:00Z",
            "2028-01-14T14:00Z",
            "2028-01-14T21:00Z",
        ]
        assert starts_of(state, fit, date(2028, 1, 15))[0] == "2028-01-15T00:00Z"

    def test_the_grid_starts_at_the_window_and_not_after_a_booking(self) -> None:
        schedule = Schedule(ZoneInfo("UTC"), {FRIDAY: [hours("9:00", "12:00")]})
        booked = Busy(unix("2028-01-14T09:00Z"), unix("2028-01-14T09:20Z"))
        fit = Fit(duration=HOUR, step=HOUR, horizon_days=LONG)

        found = starts_of(CalendarState(schedule, [booked]), fit, date(2028, 1, 14))

        assert found == ["2028-01-14T10:00Z", "2028-01-14T11:00Z"]

    def test_windows_that_touch_across_midnight_carry_a_service_over_it(self) -> None:
        schedule = Schedule(
            ZoneInfo("UTC"),
            {FRIDAY: [hours("22:00", "24:00")], SATURDAY: [hours("0:00", "2:00")]},
        )
        fit = Fit(duration=2 * HOUR, step=HOUR, horizon_days=LONG)

        found = starts_of(CalendarState(schedule), fit, date(2028, 1, 14))

        assert found == ["2028-01-14T22:00Z", "2028-01-14T23:00Z"]

    def test_an_override_replaces_the_day_but_not_the_night_that_runs_in(self) -> None:
        schedule = Schedule(
            ZoneInfo("UTC"),
            {FRIDAY: [hours("22:00", "2:00")], SATURDAY: [hours("9:00", "12:00")]},
            overrides={date(2028, 1, 15): []},
        )
        fit = Fit(duration=HOUR, step=HOUR, horizon_days=LONG)

        found = starts_of(CalendarState(schedule), fit, date(2028, 1, 15))

        assert found == ["2028-01-15T00:00Z", "2028-01-15T01:00Z"]


class TestNoticeAndHorizon:
    def test_notice_is_inclusive_and_the_horizon_is_a_local_date(self) -> None:
        zone = ZoneInfo("Asia/Kathmandu")
        fit = Fit(duration=HOUR, step=HOUR, notice=HOUR, horizon_days=0)
        now = datetime(2028, 1, 14, 12, 15, tzinfo=UTC)
        offered = [unix(f"2028-01-14T{h}:15Z") for h in (12, 13, 14, 17, 18, 19)]

        kept = within_notice(offered, fit=fit, now=now, zone=zone)

        assert [at - offered[0] for at in kept] == [HOUR, 2 * HOUR, 5 * HOUR]

    def test_a_fraction_of_a_second_past_the_notice_refuses_the_start(self) -> None:
        fit = Fit(duration=HOUR, step=HOUR, notice=HOUR)
        now = datetime(2028, 1, 14, 12, 0, 0, 1, tzinfo=UTC)

        kept = within_notice([unix("2028-01-14T13:00Z")], fit=fit, now=now, zone=ZoneInfo("UTC"))

        assert list(kept) == []


class TestSessions:
    def test_a_session_with_seats_is_joined_though_the_calendar_is_busy(self) -> None:
        schedule = Schedule(ZoneInfo("UTC"), {FRIDAY: [hours("9:00", "11:00")]})
        ten = unix("2028-01-14T10:00Z")
        state = CalendarState(
            schedule, [Busy(ten, ten + HOUR)], sessions=[OpenSession(ten, ten + HOUR)]
        )
        fit = Fit(duration=HOUR, step=HOUR, horizon_days=LONG)

        assert starts_of(state, fit, date(2028, 1, 14)) == [
            "2028-01-14T09:00Z",
            "2028-01-14T10:00Z",
        ]


class TestAnyStaff:
    def test_free_time_of_two_people_is_never_joined_into_a_longer_stretch(self) -> None:
        zone = ZoneInfo("UTC")
        early = CalendarState(Schedule(zone, {FRIDAY: [hours("9:00", "10:00")]}))
        late = CalendarState(Schedule(zone, {FRIDAY: [hours("10:00", "11:00")]}))
        day = unix("2028-01-14T00:00Z")

        short = Search(Fit(HOUR, HOUR), day, day + 86400, 0.0)
        both = search_any({"early": early, "late": late}, short)
        long = search_any(
            {"early": early, "late": late}, Search(Fit(2 * HOUR, HOUR), day, day + 86400, 0.0)
        )

        assert both == {"early": [day + 9 * HOUR], "late": [day + 10 * HOUR]}
        assert long == {"early": [], "late": []}


class TestNearest:
    def test_the_closest_starts_come_sorted_by_time(self) -> None:
        assert nearest([10, 20, 31, 39, 50], to=30, count=3) == [20, 31, 39]


class TestFit:
    @pytest.mark.parametrize("broken", [{"duration": 0}, {"step": 0}, {"buffer_after": -1}])
    def test_a_fit_that_cannot_be_searched_is_refused(self, broken: dict[str, int]) -> None:
        with pytest.raises(ValueError, match=r"must be positive|cannot be negative"):
            Fit(**{"duration": 60, "step": 60, **broken})
