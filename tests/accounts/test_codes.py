"""Codes of the second factor count once, in whichever process, whatever the cache forgot."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import httpx
import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.urls import reverse

from accounts import otp
from accounts.models import SecurityEntry, User
from tests.accounts.conftest import NOON
from tests.api.live import serving
from tests.factories.sign_in import (
    PASSWORD,
    SECRET,
    enter,
    errors,
    person,
    totp,
    with_password,
)

pytestmark = pytest.mark.usefixtures("own_windows")
STEP = 30


@pytest.mark.row("A7")
@pytest.mark.django_db
class TestOneCode:
    def test_of_the_step_before_counts_too_and_an_older_one_does_not(self, clock) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)

        assert not enter(with_password(user), totp(SECRET, NOON - 2 * STEP))
        assert enter(with_password(user), totp(SECRET, NOON - STEP))

    def test_is_worthless_after_a_later_one(self, clock) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)
        assert enter(with_password(user), totp(SECRET, NOON))

        assert not enter(with_password(user), totp(SECRET, NOON - STEP))

    def test_is_used_up_for_a_step_up_as_well(self, clock) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)
        client = with_password(user)
        enter(client, totp(SECRET, NOON))

        answer = client.post(reverse("mfa_reauthenticate"), {"code": totp(SECRET, NOON)})

        assert errors(answer) == ["Incorrect code."]

    def test_is_used_up_whatever_the_cache_forgot(self, clock) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)
        assert enter(with_password(user), totp(SECRET, NOON))
        cache.clear()

        assert not enter(with_password(user), totp(SECRET, NOON))

    def test_that_is_wrong_is_one_entry_of_the_security_log(self, clock) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)
        client = with_password(user)
        known = set(SecurityEntry.objects.values_list("pk", flat=True))

        assert not enter(client, "11111111")

        fresh = SecurityEntry.objects.exclude(pk__in=known)
        assert list(fresh.values_list("kind", "subject")) == [
            ("second_factor.failed", user.public_id)
        ]

    @pytest.mark.parametrize("kind", ["totp", "recovery"])
    def test_may_be_guessed_ten_times_without_redis_too(self, clock, no_redis, kind: str) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)
        backup = Authenticator.objects.get(user=user, type="recovery_codes")
        right = totp(SECRET, NOON) if kind == "totp" else backup.wrap().get_unused_codes()[0]
        for _ in range(10):
            assert not enter(with_password(user), "11111111")

        assert not enter(with_password(user), right)
        failed = SecurityEntry.objects.filter(kind="second_factor.failed", subject=user.public_id)
        assert failed.count() == 11


@pytest.mark.service
@pytest.mark.row("A7")
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
class TestOneCodeAtOnce:
    """Over real HTTP, two processes, and no Redis: the row alone decides."""

    def test_lets_one_of_many_in(self) -> None:
        user = person()
        networks = count(1)
        with serving(processes=2, threads=4, REDIS_URL="redis://127.0.0.1:1/0") as site:
            for _ in range(3):
                otp.enroll_totp(user=user, secret=SECRET)
                browsers = [half_way(site, user, next(networks)) for _ in range(8)]
                passed = together(browsers, totp(SECRET, time.time()))
                for browser in browsers:
                    browser.close()
                assert passed == 1


def half_way(site: str, user: User, number: int) -> httpx.Client:
    """Return a browser that has sent the password over HTTP."""
    own = {"X-Forwarded-For": f"203.0.113.{number}"}
    browser = httpx.Client(base_url=site, headers=own, timeout=60)
    send(browser, "/account/auth/login/", login=user.email, password=PASSWORD)
    return browser


def send(browser: httpx.Client, path: str, **form: str) -> httpx.Response:
    browser.get(path)
    token = browser.cookies["frontdesk_csrf"]
    return browser.post(path, data={**form, "csrfmiddlewaretoken": token})


def together(browsers: list[httpx.Client], code: str) -> int:
    """Enter one code in all browsers at once; returns how many it let in."""
    gate = threading.Barrier(len(browsers))
    path = "/account/auth/2fa/authenticate/"
    for browser in browsers:
        browser.get(path)

    def enter_in(browser: httpx.Client) -> bool:
        gate.wait(timeout=30)
        token = browser.cookies["frontdesk_csrf"]
        answer = browser.post(path, data={"code": code, "csrfmiddlewaretoken": token})
        return answer.status_code == 302 and "login" not in answer.headers["Location"]

    with ThreadPoolExecutor(len(browsers)) as pool:
        return sum(pool.map(enter_in, browsers))
