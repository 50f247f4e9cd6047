"""Races over real HTTP, against several server processes with several threads each."""

import os
import secrets
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bookings.models import Booking, Occupancy
from common.models import IdempotencyRecord
from tests.api.live import serving
from tests.factories.bookings import make_shop

REQUESTS = int(os.environ.get("LIVE_REQUESTS", "200"))
AT_ONCE = int(os.environ.get("LIVE_AT_ONCE", "50"))


@pytest.fixture(autouse=True)
def june():
    """Real time here: the server's clock cannot be frozen from outside."""


@pytest.fixture(autouse=True, scope="module")
def closed_client():
    yield
    CLIENT.close()


@pytest.fixture
def monday() -> datetime:
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    return noon + timedelta(days=7 - noon.weekday())


# Making a client reads the system's certificates each time, which would be most of the work here.
CLIENT = httpx.Client(timeout=60, limits=httpx.Limits(max_connections=200))


def post(address: str, path: str, body: Any, **headers: str) -> httpx.Response:
    own = {
        "Idempotency-Key": secrets.token_hex(16),
        "X-Client-Id": secrets.token_hex(16),
        "X-Forwarded-For": f"198.18.{secrets.randbelow(256)}.{secrets.randbelow(256)}",
    }
    return CLIENT.post(f"{address}{path}", json=body, headers={**own, **headers})


@pytest.mark.service
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_other_sessions")
class TestOneSlot:
    @pytest.mark.row("B17")
    def test_goes_to_one_of_many_and_the_rest_learn_alternatives(self, monday):
        tier = make_shop()
        slug = tier.service.business.slug
        start = threading.Event()

        def book(number: int) -> tuple[httpx.Response, float]:
            start.wait()
            began = time.perf_counter()
            answer = post(
                address,
                "/api/v1/bookings",
                {
                    "business": slug,
                    "tier": tier.public_id,
                    "starts_at": monday.isoformat(),
                    "customer": {"name": f"C {number}", "email": f"c{number}@example.com"},
                },
            )
            return answer, time.perf_counter() - began

        with serving() as address, ThreadPoolExecutor(AT_ONCE) as callers:
            waiting = [callers.submit(book, number) for number in range(REQUESTS)]
            start.set()
            done = [job.result() for job in waiting]

        answers = [answer for answer, _ in done]
        assert Counter(a.status_code for a in answers) == {201: 1, 409: REQUESTS - 1}
        refused = [a.json() for a in answers if a.status_code == 409]
        assert {body["code"] for body in refused} == {"SLOT_UNAVAILABLE"}
        assert all(len(body["details"][0]["alternatives"]) == 5 for body in refused)
        assert Booking.objects.count() == 1
        assert Occupancy.objects.filter(active=True).count() == 1
        assert IdempotencyRecord.objects.filter(status=None).count() == 0
        seconds = sorted(took for _, took in done)
        print(f"slowest {seconds[-1]:.3f} s, median {seconds[len(seconds) // 2]:.3f} s")  # noqa: T201  a figure for the reader

    def test_under_one_key_is_booked_once(self, monday):
        tier = make_shop()
        body = {
            "business": tier.service.business.slug,
            "tier": tier.public_id,
            "starts_at": monday.isoformat(),
            "customer": {"name": "Lan", "email": "lan@example.com"},
        }
        same = {"Idempotency-Key": "one", "X-Client-Id": secrets.token_hex(16)}

        with serving() as address, ThreadPoolExecutor(20) as callers:
            jobs = [
                callers.submit(post, address, "/api/v1/bookings", body, **same) for _ in range(40)
            ]
            answers = [job.result() for job in jobs]
            last = post(address, "/api/v1/bookings", body, **same)

        assert {a.status_code for a in answers} <= {201, 409}
        made = {a.content for a in answers if a.status_code == 201}
        assert made == {last.content}
        waiting = {a.json()["code"] for a in answers if a.status_code == 409}
        assert waiting <= {"IDEMPOTENCY_IN_PROGRESS"}
        assert Booking.objects.count() == 1


@pytest.mark.service
@pytest.mark.timeout(120)
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_other_sessions")
class TestLimitsOfSeveralProcesses:
    @pytest.mark.row("A17")
    def test_count_one_caller_once(self):
        def read(address: str) -> int:
            caller = {"X-Forwarded-For": "198.51.100.77"}
            return CLIENT.get(f"{address}/api/v1/businesses", headers=caller).status_code

        with serving(processes=2) as address, ThreadPoolExecutor(8) as callers:
            found = Counter(callers.map(read, [address] * 90))

        assert found == {200: 60, 429: 30}
