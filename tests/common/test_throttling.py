import os
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings as django_settings

from common import throttling
from common.throttling import Limit, Verdict, count, limit_for

TEN = Limit(name="test-ten", requests=10)

_OTHER_PROCESS = """
import django; django.setup()
from common.throttling import Limit, count
print(sum(count(Limit(name="test-ten", requests=10), "shared").is_allowed for _ in range(8)))
"""


@pytest.fixture(autouse=True)
def own_windows():
    throttling.local_windows.clear()
    throttling._silence["until"] = 0.0
    yield
    throttling._silence["until"] = 0.0


@pytest.fixture
def no_redis(settings):
    nowhere = dict(django_settings.CACHES["default"], LOCATION="redis://127.0.0.1:1/0")
    settings.CACHES = {"default": nowhere}


class TestCount:
    def test_lets_the_limit_pass_and_no_more(self):
        verdicts = [count(TEN, "a") for _ in range(12)]

        assert [v.is_allowed for v in verdicts] == [True] * 10 + [False] * 2
        assert [v.remaining for v in verdicts[:3]] == [9, 8, 7]
        assert 0 < verdicts[-1].reset <= verdicts[0].reset == 60

    def test_tells_in_headers_where_the_caller_stands(self):
        verdict = Verdict(TEN, is_allowed=False, remaining=0, reset=60)

        assert verdict.headers() == {
            "RateLimit-Policy": '"test-ten";q=10;w=60',
            "RateLimit": '"test-ten";r=0;t=60',
            "RateLimit-Limit": "10",
            "RateLimit-Remaining": "0",
            "RateLimit-Reset": "60",
            "Retry-After": "60",
        }

    def test_keeps_callers_and_categories_apart(self):
        for _ in range(10):
            count(TEN, "a")

        assert not count(TEN, "a").is_allowed
        assert count(TEN, "b").is_allowed
        assert count(Limit(name="test-other", requests=10), "a").is_allowed

    def test_opens_again_when_the_window_ends(self):
        quick = Limit(name="test-quick", requests=1, seconds=3)
        count(quick, "a")
        assert not count(quick, "a").is_allowed

        deadline = time.monotonic() + 60
        while not count(quick, "a", cost=0).is_allowed:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert count(quick, "a").is_allowed

    def test_counts_nothing_when_only_asked(self):
        for _ in range(20):
            assert count(TEN, "asked", cost=0).remaining == 10

    def test_counts_threads_together(self):
        allowed: list[bool] = []
        threads = [
            threading.Thread(target=lambda: allowed.append(count(TEN, "threads").is_allowed))
            for _ in range(40)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sum(allowed) == 10

    @pytest.mark.row("A17")
    def test_counts_two_processes_together(self):
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
        command = [sys.executable, "-c", _OTHER_PROCESS]
        others = [
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]

        passed = sum(int(other.communicate()[0]) for other in others)

        assert passed == 10


class TestWithoutRedis:
    def test_a_lenient_limit_lets_everything_pass(self, no_redis):
        assert all(count(TEN, "a").is_allowed for _ in range(30))

    def test_a_strict_limit_still_holds_in_this_process(self, no_redis):
        strict = Limit(name="test-strict", requests=5, is_strict=True)

        assert [count(strict, "a").is_allowed for _ in range(7)] == [True] * 5 + [False] * 2

    def test_a_dead_redis_is_left_alone_for_a_second(self, no_redis):
        count(TEN, "a")

        assert throttling._silence["until"] > 0


class TestCategories:
    def test_have_the_promised_rates(self):
        rates = {name: limit_for(name).requests for name in django_settings.RATE_LIMITS}

        assert rates == {"authentication": 5, "payments": 20, "general": 60, "uploads": 10}
        assert limit_for("authentication").is_strict
        assert not limit_for("general").is_strict


@pytest.mark.django_db
class TestSignInPages:
    @pytest.mark.row("A17")
    def test_refuse_the_sixth_post_of_an_address_within_a_minute(self, client):
        form = {"login": "nobody@example.com", "password": "wrong"}
        answers = [client.post("/account/auth/login/", form).status_code for _ in range(7)]

        assert answers == [200] * 5 + [429] * 2

    def test_say_when_to_come_back(self, client):
        for _ in range(6):
            answer = client.post("/account/auth/login/", {"login": "a@example.com"})

        assert 0 < int(answer.headers["Retry-After"]) <= 60
        assert b"Too many tries" in answer.content

    def test_are_read_without_limit(self, client):
        answers = {client.get("/account/auth/login/").status_code for _ in range(10)}

        assert answers == {200}

    def test_count_another_address_apart(self, client):
        for _ in range(6):
            client.post("/account/auth/login/", {"login": "a@example.com"})

        other = client.post(
            "/account/auth/login/", {"login": "a@example.com"}, REMOTE_ADDR="198.51.100.7"
        )
        assert other.status_code == 200
