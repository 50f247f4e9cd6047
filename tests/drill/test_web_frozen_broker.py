"""The web process while its broker is frozen: requests over HTTP take as long as ever."""

import datetime as dt
import secrets
import statistics
import time

import httpx
import pytest
from django.core.cache import cache
from django.utils import timezone

from bookings.models import Booking, Tier
from events.lanes import Lane
from events.models import Event, Reaction, Work
from events.nudge import drain_mark
from tests.drill.effects import effects, report, settle, tables
from tests.drill.stack import RedisBroker, Stack, scaled, wait_until
from tests.factories.bookings import make_shop

pytestmark = [
    pytest.mark.drill,
    pytest.mark.service,
    pytest.mark.timeout(900),
    pytest.mark.django_db(transaction=True),
]
# A shop is open eight hours on each Monday of a year.
_A_WEEK, _WEEKS = 8, 50
# What a request may take longer whatever it does: a turn of the system's scheduler.
_SLACK_SECONDS = 0.02


@pytest.fixture
def stack(tmp_path, settings):
    """Web, worker and beat with a broker that really freezes: a process, or RabbitMQ's proxy."""
    is_redis = not settings.CELERY_BROKER_URL.startswith("amqp")
    with tables():
        running = Stack(tmp_path, broker=RedisBroker(tmp_path / "broker") if is_redis else None)
        yield running
        running.close()


def times(count: int) -> list[dt.datetime]:
    """Return free times of `make_shop`, one of each person's day after the other."""
    today = timezone.now().replace(hour=9, minute=0, second=0, microsecond=0)
    monday = today + dt.timedelta(days=7 - today.weekday())
    places = (
        monday + dt.timedelta(weeks=n // _A_WEEK % _WEEKS, hours=n % _A_WEEK) for n in range(count)
    )
    return list(places)


class Caller:
    """Books over HTTP, each time as somebody else, and keeps how long it took."""

    def __init__(self, client: httpx.Client, tier: Tier, count: int) -> None:
        self.client, self.tier, self.left = client, tier, times(count)

    def book(self, count: int) -> list[float]:
        """Return the seconds of so many bookings, each of which must succeed."""
        found = []
        for _ in range(count):
            body = {
                "business": self.tier.service.business.slug,
                "tier": self.tier.public_id,
                "starts_at": self.left.pop().isoformat(),
                "customer": {"name": "Lan", "email": f"{secrets.token_hex(8)}@example.com"},
            }
            headers = {
                "Idempotency-Key": secrets.token_hex(16),
                "X-Client-Id": secrets.token_hex(16),
                "X-Forwarded-For": f"198.18.{secrets.randbelow(256)}.{secrets.randbelow(256)}",
            }
            began = time.perf_counter()
            answer = self.client.post("/api/v1/bookings", json=body, headers=headers)
            found.append(time.perf_counter() - began)
            assert answer.status_code == 201, answer.text
        return found


def p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


def forget_drains() -> None:
    """Let the next nudge be published whatever a worker said it was doing."""
    cache.delete_many([drain_mark(lane) for lane in Lane])


@pytest.mark.row("C15")
class TestFrozenBroker:
    def test_requests_take_as_long_as_ever_and_nothing_is_lost(self, stack) -> None:
        count, warm_up = scaled(1000, 150), 30
        tier = make_shop(
            staff=-(-(2 * count + warm_up) // (_A_WEEK * _WEEKS)),
            tier={"price_minor": 0, "deposit_kind": Tier.Deposit.NONE, "deposit_minor": 0},
        )
        with httpx.Client(base_url=stack.start_web(), timeout=60) as client:
            caller = Caller(client, tier, 2 * count + warm_up)
            caller.book(warm_up)

            running = caller.book(count)
            stack.start_worker()
            stack.start_beat()
            settle(stack, warm_up + count, 120)

            stack.broker_proxy.freeze()
            forget_drains()
            frozen = caller.book(count)
        # The freeze was felt: a nudge was tried and given up, behind the requests' back.
        wait_until(lambda: "nudge not published" in stack.logs(), 60, "a nudge failed")
        assert effects() < warm_up + 2 * count

        stack.broker_proxy.thaw()
        took = settle(stack, warm_up + 2 * count, 180)
        report(
            "web with a frozen broker",
            requests=count,
            running_p99_ms=p99(running) * 1000,
            frozen_p99_ms=p99(frozen) * 1000,
            frozen_most_ms=max(frozen) * 1000,
            recovered_s=took,
        )
        wait_until(is_done, 60, "every due reaction is done")
        assert Event.objects.filter(type="booking.confirmed").count() == effects()
        assert Booking.objects.filter(status="confirmed").count() == warm_up + 2 * count
        assert p99(frozen) <= 1.5 * p99(running) + _SLACK_SECONDS


def is_done() -> bool:
    waiting = Reaction.objects.filter(due_at__lte=timezone.now())
    assert not waiting.filter(state=Work.State.DEAD).exists()
    return not waiting.exists()
