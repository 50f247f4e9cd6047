"""The sweep against the minute-by-minute reading of the same rules, in difficult zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.availability import (
    Busy,
    CalendarState,
    Fit,
    Hours,
    Schedule,
    Search,
    search_calendar,
    within_notice,
)
from tests.bookings.oracle import Question, offered

# A zone with a date on or beside one of its clock changes.
PLACES = [
    ("America/New_York", date(2028, 3, 12)),
    ("America/New_York", date(2028, 11, 5)),
    ("Australia/Lord_Howe", date(2028, 4, 2)),
    ("Australia/Lord_Howe", date(2028, 10, 1)),
    ("America/Santiago", date(2028, 4, 2)),
    ("America/Santiago", date(2028, 9, 3)),
    ("Africa/Cairo", date(2028, 4, 28)),
    ("Africa/Cairo", date(2028, 10, 27)),
    ("Pacific/Chatham", date(2028, 4, 2)),
    ("Pacific/Chatham", date(2028, 9, 24)),
    ("Asia/Kathmandu", date(2028, 6, 5)),
    ("America/Havana", date(2028, 11, 5)),
    ("Europe/London", date(2028, 3, 26)),
    ("Pacific/Apia", date(2011, 12, 30)),
]
QUARTER = 15
wall_start = st.integers(0, 95).map(lambda n: n * QUARTER)
wall_end = st.integers(0, 96).map(lambda n: n * QUARTER)
openings = st.lists(st.tuples(wall_start, wall_end), min_size=1, max_size=3)
no_or_openings = st.lists(st.tuples(wall_start, wall_end), max_size=3)
seldom = st.sampled_from([0, 0, 0, 5, 10, 30])


@st.composite
def questions(draw: st.DrawFn) -> Question:
    name, change = draw(st.sampled_from(PLACES))
    zone = ZoneInfo(name)
    first = change + timedelta(days=draw(st.integers(-1, 1)))
    last = first + timedelta(days=draw(st.integers(0, 1)))
    start = int(datetime.combine(first, datetime.min.time(), UTC).timestamp())
    start += draw(st.integers(-840, 840)) * 60
    end = start + draw(st.integers(60, 2160)) * 60
    near = st.integers(start // 60 - 600, end // 60 + 600)
    spans = st.tuples(near, st.integers(5, 600)).map(lambda s: (s[0] * 60, (s[0] + s[1]) * 60))
    now = start + draw(st.sampled_from([-2880, -1500, -300, -61, 0, 7, 600])) * 60
    expiry = st.one_of(st.none(), st.integers(-2, 2).map(lambda n: now + n))
    return Question(
        zone=zone,
        first_date=first - timedelta(days=1),
        last_date=last + timedelta(days=3),
        start=start,
        end=end,
        now=now,
        weekly={day: draw(openings) for day in range(7)},
        overrides=draw(
            st.dictionaries(
                st.integers(-1, 2).map(lambda n: first + timedelta(days=n)),
                no_or_openings,
                max_size=2,
            )
        ),
        blocks=draw(st.lists(spans, max_size=1)),
        busy=[
            (a, b, until) for (a, b), until in draw(st.lists(st.tuples(spans, expiry), max_size=4))
        ],
        capacity=draw(st.integers(1, 3)),
        duration=draw(st.sampled_from([5, 15, 30, 30, 45, 60, 60, 90, 180, 600])),
        step=draw(st.sampled_from([5, 15, 20, 30, 50, 60, 420])),
        before=draw(seldom),
        after=draw(seldom),
        notice=draw(st.sampled_from([0, 0, 0, 60, 1440])),
        horizon=draw(st.sampled_from([0, 1, 2, 3, 5, 30])),
    )


def searched(question: Question) -> list[int]:
    def hours(found: list[tuple[int, int]]) -> list[Hours]:
        return [Hours(a * 60, b * 60) for a, b in found]

    fit = Fit(
        duration=question.duration * 60,
        step=question.step * 60,
        buffer_before=question.before * 60,
        buffer_after=question.after * 60,
        notice=question.notice * 60,
        horizon_days=question.horizon,
    )
    schedule = Schedule(
        question.zone,
        {day: hours(list(found)) for day, found in question.weekly.items()},
        {day: hours(list(found)) for day, found in question.overrides.items()},
        question.blocks,
    )
    busy = [Busy(a, b, None if c is None else float(c)) for a, b, c in question.busy]
    state = CalendarState(schedule, busy, question.capacity)
    starts = search_calendar(state, Search(fit, question.start, question.end, float(question.now)))
    now = datetime.fromtimestamp(question.now, UTC)
    return list(within_notice(starts, fit=fit, now=now, zone=question.zone))


@pytest.mark.row("B4")
class TestAgainstTheOracle:
    @settings(max_examples=250, derandomize=True)
    @given(questions())
    def test_the_sweep_offers_exactly_what_every_minute_allows(self, question: Question) -> None:
        assert searched(question) == offered(question)
