from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.intervals import EmptyIntervalError, Interval, crowded, merge, peak, subtract

NINE = datetime(2028, 6, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
span = st.tuples(st.integers(0, 60), st.integers(0, 60))
spans = st.lists(span, max_size=8)


def points(found: list[tuple[int, int]]) -> set[int]:
    return {point for start, end in found for point in range(start, end)}


class TestInterval:
    def test_ranges_that_touch_do_not_overlap(self) -> None:
        first, second = Interval(NINE, NINE + HOUR), Interval(NINE + HOUR, NINE + 2 * HOUR)

        assert not first.overlaps(second)
        assert first.widened(before=timedelta(0), after=timedelta(minutes=1)).overlaps(second)

    def test_empty_and_reversed_ranges_are_refused(self) -> None:
        with pytest.raises(EmptyIntervalError):
            Interval(NINE, NINE)
        with pytest.raises(EmptyIntervalError):
            Interval(NINE + HOUR, NINE)

    def test_a_naive_instant_is_refused(self) -> None:
        with pytest.raises(ValueError, match="aware"):
            Interval(NINE.replace(tzinfo=None), NINE + HOUR)

    def test_instants_are_kept_in_utc(self) -> None:
        hanoi = timezone(timedelta(hours=7))
        kept = Interval(datetime(2028, 6, 5, 16, tzinfo=hanoi), NINE + HOUR)

        assert kept.start.isoformat() == "2028-06-05T09:00:00+00:00"
        assert kept.duration == HOUR

    def test_a_range_contains_itself_but_not_one_that_sticks_out(self) -> None:
        range_ = Interval(NINE, NINE + HOUR)

        assert range_.contains(range_)
        assert not range_.contains(Interval(NINE, NINE + 2 * HOUR))


class TestSweeps:
    @given(spans)
    def test_merge_keeps_every_point_and_leaves_gaps(self, given_: list[tuple[int, int]]) -> None:
        merged = merge(given_)

        assert points(merged) == points(given_)
        assert all(a[1] < b[0] for a, b in pairwise(merged))

    @given(spans, spans)
    def test_subtract_leaves_the_points_outside_the_cuts(
        self, given_: list[tuple[int, int]], cuts: list[tuple[int, int]]
    ) -> None:
        left = subtract(merge(given_), merge(cuts))

        assert points(left) == points(given_) - points(cuts)
        assert left == merge(left)

    @given(spans)
    def test_peak_is_the_fullest_point(self, given_: list[tuple[int, int]]) -> None:
        fullest = max((sum(a <= p < b for a, b in given_) for p in range(60)), default=0)

        assert peak(given_) == fullest

    @given(spans, st.integers(1, 4))
    def test_crowded_finds_the_points_at_or_above_the_level(
        self, given_: list[tuple[int, int]], level: int
    ) -> None:
        expected = {p for p in range(60) if sum(a <= p < b for a, b in given_) >= level}

        assert points(crowded(given_, level=level)) == expected

    def test_peak_counts_instants_and_not_rows(self) -> None:
        assert peak([(0, 10), (10, 20), (5, 15)]) == 2

    def test_a_level_below_one_is_refused(self) -> None:
        with pytest.raises(ValueError, match="level"):
            crowded([(0, 1)], level=0)
