"""Nothing is lost and no effect happens twice, whatever dies: with real processes and brokers."""

import statistics
import time

import pytest
import redis
from django.conf import settings
from django.db import transaction

from events import actions as events
from events import nudge, registry
from events.lanes import Lane
from events.models import Reaction
from events.publisher import publisher_app
from events.types import NewEvent
from tests.drill.effects import effects, report, runs, settle, tables
from tests.drill.stack import Stack, scaled, wait_until
from tests.drill.ticks import REACTIONS, TICK

pytestmark = [
    pytest.mark.drill,
    pytest.mark.service,
    pytest.mark.timeout(600),
    pytest.mark.django_db(transaction=True),
]


def tick(count: int, *, start: int = 0) -> None:
    for n in range(start, start + count):
        with transaction.atomic():
            events.record(NewEvent(TICK, "biz_1", f"drl_{n % 50}", {"n": n}))


@pytest.fixture
def stack(tmp_path, settings):
    registry.add_types(TICK)
    registry.add_reactions(*REACTIONS)
    with tables():
        running = Stack(tmp_path)
        settings.EVENTS_PUBLISH_NUDGES = True
        settings.CELERY_BROKER_URL = running.broker_url
        publisher_app.cache_clear()
        yield running
        settings.EVENTS_PUBLISH_NUDGES = False
        running.close()
        publisher_app.cache_clear()


def flush_broker() -> None:
    redis.Redis.from_url(settings.REDIS_URL).flushdb()


@pytest.mark.row("C15")
class TestCrashes:
    def test_a_worker_killed_in_the_middle_loses_nothing_and_repeats_no_effect(self, stack) -> None:
        count = scaled(2000, 300)
        stack.start_beat()
        stack.start_worker()
        tick(count)
        settle(stack, count // 4, 60)

        stack.kill("worker")
        stack.start_worker()
        took = settle(stack, 2 * count, 180)

        assert effects() == 2 * count
        wait_until(lambda: not Reaction.objects.filter(state=0).exists(), 30, "marked")
        report("worker killed", events=count, repeated=runs() - 2 * count, recovered_s=took)

    def test_a_stopped_broker_only_delays(self, stack) -> None:
        count, pause = scaled(2000, 200), scaled(60, 6)
        stack.start_beat()
        stack.start_worker()
        tick(count)
        settle(stack, 2 * count, 120)

        stack.broker_proxy.stop()
        tick(count, start=count)
        time.sleep(pause)
        stack.broker_proxy.start()
        took = settle(stack, 4 * count, 180)

        assert effects() == 4 * count
        report("broker stopped", events=2 * count, stopped_s=pause, recovered_s=took)

    def test_a_broker_that_forgets_everything_only_delays(self, stack) -> None:
        if stack.is_rabbit:
            pytest.skip("flushing is Redis's way of forgetting; RabbitMQ is stopped instead")
        count = scaled(2000, 200)
        stack.start_beat()
        stack.start_worker()

        tick(count // 2)
        flush_broker()
        tick(count - count // 2, start=count // 2)
        flush_broker()
        took = settle(stack, 2 * count, 120)

        assert effects() == 2 * count
        report("Redis flushed", events=count, recovered_s=took)


class TestFrozenBroker:
    def test_an_action_takes_as_long_as_ever(self, stack) -> None:
        count = scaled(2000, 400)

        def times() -> list[float]:
            found = []
            for n in range(count):
                started = time.perf_counter()
                tick(1, start=n)
                found.append(time.perf_counter() - started)
            return found

        tick(50)
        healthy = times()
        stack.broker_proxy.freeze()
        stack.redis_proxy.freeze()
        frozen = times()

        p99 = [statistics.quantiles(sample, n=100)[98] * 1000 for sample in (healthy, frozen)]
        report("broker frozen", healthy_p99_ms=p99[0], frozen_p99_ms=p99[1])
        assert p99[1] < max(3 * p99[0], 20)

    def test_a_nudge_is_only_a_hint(self, stack) -> None:
        stack.broker_proxy.freeze()
        stack.redis_proxy.freeze()
        took = []
        for _ in range(5):
            started = time.perf_counter()
            nudge.wake(*Lane)
            took.append(time.perf_counter() - started)

        # Whoever waited for the broker would take at least its time limit, at the first.
        assert took[0] < 0.1, took
        assert min(took) < 0.01
