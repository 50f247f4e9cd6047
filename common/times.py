"""Wall clocks, zones and instants.

Date arithmetic happens on local dates, durations on instants: adding 24 hours is not "the
same time tomorrow". A wall time that occurs twice means its earlier instant, one that does
not exist means the instant of the transition; both rules keep the order of wall times, so
a window never turns inside out. Fold semantics: PEP 495.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_SECONDS = 86_400
# Far from where dates end, so that adding to one that was read never fails.
EARLIEST_DATE, LATEST_DATE = date(2000, 1, 1), date(2199, 12, 31)


@lru_cache(maxsize=32_768)
def wall_to_unix(day: date, seconds: int, zone: ZoneInfo) -> int:
    """Return the unix time at which the clocks of `zone` show `seconds` past midnight of `day`.

    86400 is midnight of the next date. Raises ValueError for seconds outside 0..86400.
    """
    if not 0 <= seconds <= DAY_SECONDS:
        raise ValueError("seconds of a day run from 0 to 86400")
    wall = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds)
    naive = int(wall.timestamp())
    local = wall.replace(tzinfo=zone)
    first, second = _offset(local), _offset(local.replace(fold=1))
    if first >= second:
        return naive - first
    return _transition(naive - second, naive - first, zone)


def wall_to_utc(day: date, seconds: int, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a wall time; the same rules as `wall_to_unix`."""
    return from_unix(wall_to_unix(day, seconds, zone))


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the half-open UTC range of one local day; 23 to 25 hours in most zones."""
    return wall_to_utc(day, 0, zone), wall_to_utc(day, DAY_SECONDS, zone)


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """Return the date that the clocks of `zone` show at an aware instant."""
    return at.astimezone(zone).date()


def unix_date(at: int, zone: ZoneInfo) -> date:
    """Return the date that the clocks of `zone` show at a unix time."""
    return datetime.fromtimestamp(at, zone).date()


def dates_between(first: date, last: date) -> Iterator[date]:
    """Yield every date from `first` to `last`, both included."""
    for number in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(number)


def read_date(written: str) -> date | None:
    """Read an ISO 8601 date within reach of any appointment; None for anything else."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if EARLIEST_DATE <= day <= LATEST_DATE else None


def read_instant(written: str) -> datetime | None:
    """Read an ISO 8601 instant with its offset, as UTC, within reach; None for anything else."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    if at.tzinfo is None or not EARLIEST_DATE <= at.date() <= LATEST_DATE:
        return None
    return at.astimezone(UTC)


def from_unix(at: float) -> datetime:
    """Return the aware UTC instant of a unix time."""
    return datetime.fromtimestamp(at, UTC)


def ceil_unix(at: datetime) -> int:
    """Return the first whole unix second at or after an aware instant."""
    whole = int(at.replace(microsecond=0).timestamp())
    return whole + 1 if at.microsecond else whole


def _offset(local: datetime) -> int:
    offset = local.utcoffset()
    if offset is None:
        raise ValueError("the zone gives no offset")
    return round(offset.total_seconds())


def _transition(low: int, high: int, zone: ZoneInfo) -> int:
    """Return the first second in (low, high] after the clock has gone forward."""
    before = _offset(datetime.fromtimestamp(low, zone))
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(datetime.fromtimestamp(middle, zone)) == before:
            low = middle
        else:
            high = middle
    return high
