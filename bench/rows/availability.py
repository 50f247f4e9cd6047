"""Free times: read cold, computed, and kept."""

import datetime as dt
import statistics
import time
from collections.abc import Callable, Iterator
from functools import cache

import redis
from django.conf import settings
from django.core.cache import cache as kept
from django.db import connection
from django.test import Client
from django.utils import timezone

from bench.data import Shop, create_shop, first_day, occupy
from bench.floors.tables import REDIS_KEY
from bench.load import send
from bench.messages import http
from bench.run import Run, Statements
from bench.table import Row, limit_row, ratio_row
from bookings.availability import Search, search_any
from bookings.queries import slots
from bookings.queries.offer import load_occupied, load_offer
from common.times import ceil_unix

_DAYS = 30


@cache
def _small() -> Shop:
    shop = create_shop("one-person", people=1, tiers=20)
    occupy(shop, each=400, days=60)
    return shop


@cache
def _large() -> Shop:
    shop = create_shop("fifty-people", people=50)
    occupy(shop, each=200, days=_DAYS)
    return shop


def _path(shop: Shop, *, tier: int = 0, shift: int = 0, days: int = _DAYS) -> str:
    first = first_day().date() + dt.timedelta(days=shift)
    last = first + dt.timedelta(days=days - 1)
    return (
        f"/api/v1/businesses/{shop.business.slug}/availability"
        f"?tier={shop.tiers[tier].public_id}&from={first}&to={last}"
    )


def kept_path() -> str:
    """Return the address of one month of one person."""
    return _path(_small(), shift=1)


def measure(run: Run) -> Iterator[Row]:
    """Measure statements, cold answers, computing time and kept answers."""
    yield _statements()
    cold = [
        http("GET", _path(_small(), tier=tier, shift=shift))
        for shift in range(30)
        for tier in range(20)
    ][: run.scaled(600)]
    warm_up = [http("GET", _path(_small(), tier=n, shift=31)) for n in range(20)]
    found = send(run.ours, cold, connections=1, warm_up=warm_up)
    for share, most in ((50, 5.0), (99, 10.0)):
        yield limit_row(
            f"availability of {_DAYS} days, cold, p{share}",
            found.percentile(share),
            most=most,
            unit="ms",
            note=f"one client, 200 bookings, {found.failures} answers outside 2xx",
        )
    yield _computing("compute: 1 person, 200 bookings", _small(), most=2)
    yield _computing("compute: 50 people, 10,000 bookings", _large(), most=150)
    yield _kept(run)


def _statements() -> Row:
    worst = 0
    for shop in (_small(), _large()):
        for days in (1, _DAYS, 93):
            kept.clear()
            slots._local.clear()
            counted = Statements()
            with connection.execute_wrapper(counted):
                answer = Client().get(_path(shop, days=days))
            if answer.status_code != 200:
                raise RuntimeError(f"free times were answered with {answer.content!r}")
            worst = max(worst, len(counted.texts))
    return limit_row(
        "availability statements, nothing kept",
        worst,
        most=3,
        unit="",
        note="1 to 93 days, 1 and 50 people, the business's profile included",
    )


def _computing(what: str, shop: Shop, *, most: float) -> Row:
    start, end = first_day(), first_day() + dt.timedelta(days=_DAYS)
    offer = load_offer(tier_id=shop.tiers[0].public_id, calendar_id="", start=start, end=end)
    occupied = load_occupied(offer, start=start, end=end, now=timezone.now())
    search = Search(offer.fit, ceil_unix(start), ceil_unix(end), timezone.now().timestamp())

    def compute() -> object:
        return search_any(
            {item.calendar.public_id: occupied.state(item) for item in offer.performers}, search
        )

    return limit_row(what, _cpu_ms(compute), most=most, unit="ms", note="median of 11, CPU time")


def _cpu_ms(call: Callable[[], object]) -> float:
    spent = []
    for _ in range(11):
        began = time.thread_time()
        call()
        spent.append(time.thread_time() - began)
    return statistics.median(spent) * 1000


def _kept(run: Run) -> Row:
    path, count = kept_path(), run.paced(3000)
    body = Client().get(path).content
    with redis.Redis.from_url(str(settings.CACHES["default"]["LOCATION"])) as client:
        client.set(REDIS_KEY, body)
    floor, ours = http("GET", "/cached"), http("GET", path)
    found = run.compare(
        lambda: send(run.floor, [floor] * count, warm_up=[floor] * 100),
        lambda: send(run.ours, [ours] * count, warm_up=[ours] * 100),
    )
    return ratio_row(
        "availability, kept, to a bare Redis GET",
        found,
        least=0.85,
        note=f"{len(body) / 1024:.1f} kB",
    )
