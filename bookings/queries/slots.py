"""Which times a customer may choose from, kept for five minutes.

A kept list holds no effect of "now" but one: it ends with the first hold that runs out. Notice
and horizon are applied on reading. It is for showing only; booking checks again.
"""

import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from bookings.availability import Fit, Search, search_any, within_notice
from bookings.queries import versions
from bookings.queries.offer import Offer, load_occupied, load_offer
from common.errors import NotFound, ValidationFailed
from common.times import ceil_unix, from_unix

KEEP_SECONDS = 300
LONGEST_RANGE = timedelta(days=100)
_LOCAL_ENTRIES = 256


@dataclass(frozen=True, slots=True)
class SlotList:
    """Offered starts as sorted unix seconds: together, and by the calendar that can serve them.

    Calendars are named by public id. `zone` is the business's; the customer's changes only how a
    start is shown. The list is right while the version tokens (by public id; none: keep it
    nowhere) stand, and until the first live hold runs out (`until`, Unix time; None: no hold).
    """

    tier_id: str
    business_id: str
    zone: ZoneInfo
    duration: timedelta
    starts: Sequence[int]
    by_calendar: Mapping[str, Sequence[int]]
    tokens: Mapping[str, str]
    until: float | None

    def instants(self) -> Iterator[datetime]:
        """Yield the starts as aware UTC instants."""
        return (from_unix(start) for start in self.starts)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A list before notice and horizon, with what makes it stale."""

    tokens: dict[str, str]
    valid_until: float | None
    business_id: str
    zone: str
    fit: Fit
    starts: list[int]
    by_calendar: dict[str, list[int]]

    def is_fresh(self, tokens: Mapping[str, str], now: float) -> bool:
        is_current = all(tokens.get(key) == token for key, token in self.tokens.items())
        return is_current and (self.valid_until is None or now < self.valid_until)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question and where its answer and the names of its tokens are kept."""

    key: str
    names_key: str
    tier_id: str
    calendar_id: str
    start: datetime
    end: datetime

    def load(self) -> Offer:
        return load_offer(
            tier_id=self.tier_id, calendar_id=self.calendar_id, start=self.start, end=self.end
        )


# Code of another version keeps its lists apart: a kept object of another shape cannot be read.
_SHAPE = format(
    zlib.crc32(" ".join(field.name for field in (*fields(_Kept), *fields(Fit))).encode()), "x"
)

# A copy in the process saves moving and unpacking the list; its tokens are still asked for.
_local: OrderedDict[str, tuple[float, _Kept]] = OrderedDict()
_local_lock = threading.Lock()


def list_slots(
    *, tier_id: str, start: datetime, end: datetime, now: datetime, calendar_id: str = ""
) -> SlotList:
    """Return the starts in `[start, end)` that customers may book; all instants aware.

    `calendar_id` asks for one person or resource. At most three statements whatever the number of
    days, calendars and bookings, none when kept. Raises NotFound for a tier that is not offered
    and ValidationFailed for an empty range or one of more than 100 days.
    """
    if not start < end <= start + LONGEST_RANGE:
        raise ValidationFailed(
            details=[{"field": "end", "message": str(_("Ask for 1 to 100 days."))}]
        )
    key = f"slots:{_SHAPE}:{tier_id}:{calendar_id}:{ceil_unix(start)}:{ceil_unix(end)}"
    kept = _recall_locally(key, now.timestamp())
    if kept is None:
        names_key = f"slots:names:{tier_id}:{calendar_id}"
        found = cache.get_many([key, names_key])
        kept = _recall(key, found.get(key), now.timestamp())
    if kept is None:
        asked = _Asked(key, names_key, tier_id, calendar_id, start, end)
        kept = _compute(asked, found.get(names_key), now)
    return _shown(kept, tier_id, now)


def _shown(kept: _Kept, tier_id: str, now: datetime) -> SlotList:
    zone = ZoneInfo(kept.zone)

    def trimmed(starts: Sequence[int]) -> Sequence[int]:
        return within_notice(starts, fit=kept.fit, now=now, zone=zone)

    return SlotList(
        tier_id=tier_id,
        business_id=kept.business_id,
        zone=zone,
        duration=timedelta(seconds=kept.fit.duration),
        starts=trimmed(kept.starts),
        by_calendar={key: trimmed(starts) for key, starts in kept.by_calendar.items()},
        tokens=kept.tokens,
        until=kept.valid_until,
    )


def _recall_locally(key: str, now: float) -> _Kept | None:
    with _local_lock:
        until, kept = _local.get(key, (0.0, None))
    if kept is None or time.monotonic() >= until:
        return None
    found = cache.get_many([versions.key(name) for name in kept.tokens])
    current = {name: str(found.get(versions.key(name), "")) for name in kept.tokens}
    return kept if kept.is_fresh(current, now) else None


def _recall(key: str, found: object, now: float) -> _Kept | None:
    if not isinstance(found, _Kept) or not found.is_fresh(versions.read(found.tokens), now):
        return None
    _keep_locally(key, found)
    return found


def _keep_locally(key: str, kept: _Kept) -> None:
    with _local_lock:
        _local[key] = (time.monotonic() + KEEP_SECONDS, kept)
        _local.move_to_end(key)
        while len(_local) > _LOCAL_ENTRIES:
            _local.popitem(last=False)


def _compute(asked: _Asked, names: list[str] | None, now: datetime) -> _Kept:
    """Read the tokens before the data they stand for: a change in between leaves a stale token.

    Which tokens there are is itself data, so their names are remembered apart. The first time the
    offer is read before them, and once more if anything at all changed meanwhile.
    """
    start, end = asked.start, asked.end
    offer, before = None, ""
    if names is None:
        before = versions.any_change()
        offer = asked.load()
        names = _names(offer)
        cache.set(asked.names_key, names, versions.TOKEN_SECONDS)
    tokens = versions.read(names)
    if offer is None or not before or versions.any_change() != before:
        offer = asked.load()
    if not offer.is_offered:
        raise NotFound
    occupied = load_occupied(offer, start=start, end=end, now=now)
    search = Search(offer.fit, ceil_unix(start), ceil_unix(end), now.timestamp())
    is_possible = all(item.calendar.is_active for item in offer.needs)
    by_calendar = search_any(
        {item.calendar.public_id: occupied.state(item) for item in offer.performers if is_possible},
        search,
        needs=[occupied.state(item) for item in offer.needs],
    )
    kept = _Kept(
        tokens=tokens,
        valid_until=occupied.first_expiry(search.now),
        business_id=offer.business.public_id,
        zone=offer.business.timezone,
        fit=offer.fit,
        starts=sorted(set().union(*by_calendar.values())),
        by_calendar=by_calendar,
    )
    if names == _names(offer):
        cache.set(asked.key, kept, KEEP_SECONDS)
        _keep_locally(asked.key, kept)
        return kept
    cache.delete(asked.names_key)
    # A calendar came or went: these tokens do not tell of everything in the list.
    return replace(kept, tokens={})


def _names(offer: Offer) -> list[str]:
    """Return the ids whose tokens a list of this offer depends on."""
    performers = [item for item in offer.hours if item.performs]
    return [
        offer.business.public_id,
        *(item.calendar.public_id for item in [*performers, *offer.needs]),
    ]
