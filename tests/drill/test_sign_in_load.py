"""Twenty people sign in at once, with real password checks, while others read the catalogue."""

import statistics
import sys
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts.hashers import BCryptSHA256Rounds14PasswordHasher
from tests.api.live import serving
from tests.factories.accounts import UserFactory
from tests.factories.bookings import make_shop
from tests.factories.sign_in import PASSWORD

PEOPLE = 20
READS = 200
PAUSE = 0.02


@pytest.fixture
def people(db) -> list[str]:
    hasher = BCryptSHA256Rounds14PasswordHasher()
    hashed = hasher.encode(PASSWORD, hasher.salt())
    emails = [f"person{number}@example.test" for number in range(PEOPLE)]
    for email in emails:
        user = UserFactory(email=email, password=hashed)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return emails


@pytest.fixture
def site(people) -> Iterator[str]:
    with serving(
        processes=1,
        threads=8,
        DJANGO_SETTINGS_MODULE="tests.drill.sign_in_settings",
    ) as address:
        yield address


def read(client: httpx.Client, address: str) -> float:
    begun = time.perf_counter()
    assert client.get(address).status_code == 200
    return (time.perf_counter() - begun) * 1000


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def sign_in(site: str, number: int, email: str, answers: list[int]) -> None:
    """Send the form as a browser does, again after each "busy", until it is answered."""
    own = {"X-Forwarded-For": f"203.0.113.{number}", "Referer": site}
    with httpx.Client(base_url=site, timeout=60, headers=own) as client:
        client.get("/account/auth/login/")
        form = {
            "login": email,
            "password": PASSWORD,
            "csrfmiddlewaretoken": client.cookies["frontdesk_csrf"],
        }
        while True:
            answer = client.post("/account/auth/login/", data=form)
            answers.append(answer.status_code)
            if answer.status_code != 503:
                return
            time.sleep(float(answer.headers["Retry-After"]))


@pytest.mark.drill
@pytest.mark.row("A6")
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
class TestTwentySignIns:
    def test_do_not_hold_up_the_catalogue(self, site, people, capsys) -> None:
        page = f"/b/{make_shop().service.business.slug}/"
        answers: list[int] = []
        with httpx.Client(base_url=site, timeout=30) as client:
            for _ in range(20):
                read(client, page)
            idle = []
            for _ in range(READS):
                idle.append(read(client, page))
                time.sleep(PAUSE)
            threads = [
                threading.Thread(target=sign_in, args=(site, number, email, answers))
                for number, email in enumerate(people)
            ]
            for thread in threads:
                thread.start()
            meanwhile = []
            while any(thread.is_alive() for thread in threads):
                meanwhile.append(read(client, page))
                time.sleep(PAUSE)

        figures = (
            f"idle p95 {p95(idle):.1f} ms, during {PEOPLE} sign-ins {p95(meanwhile):.1f} ms "
            f"({len(meanwhile)} reads, {answers.count(503)} times busy)"
        )
        with capsys.disabled():
            sys.stdout.write(f"\n{figures}\n")
        assert answers.count(302) == PEOPLE, figures
        assert p95(meanwhile) <= 2 * p95(idle), figures


def test_the_hash_is_the_one_production_makes(settings) -> None:
    settings.PASSWORD_HASHERS = ["accounts.hashers.BCryptSHA256Rounds14PasswordHasher"]

    assert make_password(PASSWORD).startswith("bcrypt_sha256$$2b$14$")
