"""Making bookings through the API."""

import datetime as dt
import itertools
import statistics
from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson
from django.db import connection
from django.test import Client

from bench.data import Shop, create_shop, starts
from bench.load import Reading, send
from bench.messages import post_json
from bench.run import Run, Statements
from bench.table import Row, limit_row, ratio_row

_PATH = "/api/v1/bookings"
_PEOPLE = 50
_numbers = itertools.count()
_positions = itertools.count()
_WARM_UP = 50


@cache
def _shop() -> Shop:
    return create_shop("bookings", people=_PEOPLE, deposit_minor=1000)


@cache
def _all_starts() -> list[dt.datetime]:
    return starts(8000)


def _headers() -> dict[str, str]:
    number = next(_numbers)
    return {"Idempotency-Key": f"bench-{number:012d}", "X-Client-Id": f"{number:032x}"}


def _place() -> tuple[int, dt.datetime]:
    """Return a person and a start nobody was given yet, person by person."""
    position = next(_positions)
    return position % _PEOPLE, _all_starts()[position // _PEOPLE]


def _body(person: int, at: dt.datetime) -> dict[str, Any]:
    shop, number = _shop(), next(_numbers)
    return {
        "business": shop.business.slug,
        "tier": shop.tiers[0].public_id,
        "staff": shop.calendars[person].public_id,
        "starts_at": at.isoformat(),
        "customer": {"name": "Customer", "email": f"customer{number}@bench.test"},
    }


def _ours(count: int) -> list[bytes]:
    return [post_json(_PATH, _body(*_place()), headers=_headers()) for _ in range(count)]


def _floors(count: int) -> list[bytes]:
    made = []
    for _ in range(count):
        person, at = _place()
        wanted = {
            "calendar": person,
            "starts_at": at.isoformat(),
            "name": "Customer",
            "email": f"customer{next(_numbers)}@bench.test",
        }
        made.append(post_json("/booking", wanted, headers=_headers()))
    return made


def measure(run: Run) -> Iterator[Row]:
    """Measure creation: statements, ratio, one client, fifty rivals."""
    yield _statements()
    count = run.paced(1500)
    found = run.compare(
        lambda: send(run.floor, _floors(count), warm_up=_floors(_WARM_UP)),
        lambda: send(run.ours, _ours(count), warm_up=_ours(_WARM_UP)),
    )
    yield ratio_row("booking to seven bare statements", found, least=0.5)
    alone = send(run.ours, _ours(run.scaled(1000)), connections=1, warm_up=_ours(_WARM_UP))
    yield limit_row(
        "booking p99, one client",
        alone.percentile(99),
        most=10,
        unit="ms",
        note=f"p50 {alone.percentile(50):.1f} ms, {alone.failures} answers outside 2xx",
    )
    yield _rivals(run)


def _statements() -> Row:
    counted, client = Statements(), Client()
    for _ in range(2):
        counted.texts.clear()
        with connection.execute_wrapper(counted):
            answer = client.post(
                _PATH,
                orjson.dumps(_body(*_place())),
                content_type="application/json",
                headers=_headers(),
            )
        if answer.status_code != 201:
            raise RuntimeError(f"a booking was answered with {answer.content!r}")
    return limit_row("booking statements", len(counted.texts), most=8, unit="")


def _rivals(run: Run) -> Row:
    rounds: list[Reading] = []
    for _ in range(run.scaled(10, least=2)):
        person, at = _place()
        wanted = [post_json(_PATH, _body(person, at), headers=_headers()) for _ in range(50)]
        rounds.append(send(run.ours, wanted, connections=50))
    p99 = statistics.median(reading.percentile(99) for reading in rounds)
    is_one = all(reading.statuses == {201: 1, 409: 49} for reading in rounds)
    told = "one wins, 49 get 409" if is_one else f"answers {[dict(r.statuses) for r in rounds]}"
    return Row(
        "50 clients on one slot, p99",
        f"{p99:,.0f} ms",
        "<= 250 ms",
        is_one and p99 <= 250,
        f"median of {len(rounds)} slots; {told}",
    )
