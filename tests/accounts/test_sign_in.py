"""Failed sign-ins: how many there may be, and that they tell nothing about accounts."""

import statistics
import time

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.hashers import BCryptSHA256Rounds14PasswordHasher
from accounts.models import SecurityEntry, User
from tests.accounts.test_passwords import reset, word
from tests.factories.sign_in import PASSWORD, person

pytestmark = pytest.mark.django_db
PROXY = "10.0.0.1"
WRONG = "The email address and/or password you specified are not correct."
LOCKED = "Too many failed login attempts. Try again later."


@pytest.fixture(autouse=True)
def behind_proxy(settings, own_windows):
    """Only the limits of failed sign-ins count here."""
    settings.TRUSTED_PROXIES = [PROXY]
    settings.ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None}


def attempt(email: str, password: str = "a wrong password", *, network: str = "203.0.113.7") -> str:
    """Try to sign in; returns what the page says, or "in"."""
    answer = Client().post(
        reverse("account_login"),
        {"login": email, "password": password},
        REMOTE_ADDR=PROXY,
        headers={"X-Forwarded-For": network},
    )
    if answer.status_code == 302:
        return "in"
    (said,) = answer.context["form"].non_field_errors()
    return str(said)


@pytest.mark.row("A6")
class TestLimitOfAnAccount:
    def test_ends_at_ten_wrong_passwords_from_anywhere(self) -> None:
        user = person()

        said = [attempt(user.email, network=f"203.0.113.{number}") for number in range(11)]

        assert said == [WRONG] * 10 + [LOCKED]
        assert attempt(user.email, PASSWORD, network="203.0.113.99") == LOCKED

    def test_says_the_same_of_an_address_without_an_account(self) -> None:
        said = [attempt("nobody@example.test", network=f"203.0.113.{n}") for n in range(11)]

        assert said == [WRONG] * 10 + [LOCKED]

    def test_is_one_whatever_the_case_of_the_address(self) -> None:
        user = person()
        for number in range(10):
            attempt(user.email.upper() if number % 2 else user.email)

        assert attempt(user.email, PASSWORD) == LOCKED

    def test_does_not_count_right_passwords(self) -> None:
        user = person()

        assert {attempt(user.email, PASSWORD) for _ in range(15)} == {"in"}

    def test_is_not_lifted_by_a_right_password_between_wrong_ones(self) -> None:
        user = person()
        for number in range(12):
            attempt(user.email, PASSWORD if number in {3, 7} else "a wrong password")

        assert attempt(user.email, PASSWORD) == LOCKED

    def test_leaves_others_alone(self) -> None:
        user = person()
        for _ in range(11):
            attempt("nobody@example.test", network="198.51.100.1")

        assert attempt(user.email, PASSWORD) == "in"

    def test_opens_to_who_resets_the_password(self) -> None:
        user = person()
        for _ in range(11):
            attempt(user.email)

        reset(user, word(1))

        assert attempt(user.email, word(1)) == "in"

    def test_holds_without_redis(self, no_redis) -> None:
        user = person()

        said = [attempt(user.email, network=f"203.0.113.{number}") for number in range(11)]

        assert said == [WRONG] * 10 + [LOCKED]

    def test_counts_asking_for_the_password_again_too(self) -> None:
        user = person()
        client = Client()
        client.force_login(user)
        for _ in range(10):
            client.post(reverse("account_reauthenticate"), {"password": "a wrong password"})

        assert attempt(user.email, PASSWORD) == LOCKED

    def test_is_entered_in_the_security_log_once(self) -> None:
        user = person()
        for _ in range(13):
            attempt(user.email, "typed by mistake: 4242")

        failed = SecurityEntry.objects.filter(kind="sign_in.failed")
        locked = SecurityEntry.objects.get(kind="sign_in.locked")
        assert failed.count() == 10
        assert {(e.subject, e.address) for e in failed} == {(user.public_id, "203.0.113.7")}
        assert (locked.subject, locked.severity) == (user.public_id, "alert")
        assert "4242" not in str(list(failed.values()))


@pytest.mark.row("A6")
class TestLimitOfANetwork:
    def test_ends_however_many_addresses_are_tried(self, settings) -> None:
        settings.SIGN_IN_FAILURES = {"account": 10, "network": 5}
        user = person()

        said = [attempt(f"guess{number}@example.test") for number in range(6)]

        assert said == [WRONG] * 5 + [LOCKED]
        assert attempt(user.email, PASSWORD) == LOCKED
        assert attempt(user.email, PASSWORD, network="198.51.100.1") == "in"

    def test_is_not_dodged_by_naming_another_address(self, settings) -> None:
        settings.SIGN_IN_FAILURES = {"account": 10, "network": 5}
        settings.TRUSTED_PROXIES = []

        said = [attempt(f"guess{n}@example.test", network=f"198.51.100.{n}") for n in range(6)]

        assert said[-1] == LOCKED


@pytest.mark.row("A6")
class TestTimeOfAnAnswer:
    def test_is_alike_for_known_and_unknown_addresses(self, settings, monkeypatch) -> None:
        """bcrypt with 10 rounds is far longer than all else a request does, and testable."""
        monkeypatch.setattr(BCryptSHA256Rounds14PasswordHasher, "rounds", 10)
        settings.PASSWORD_HASHERS = ["accounts.hashers.BCryptSHA256Rounds14PasswordHasher"]
        settings.SIGN_IN_FAILURES = {"account": 1000, "network": 1000}
        user, locked = person(), person("locked@example.test", is_active=False)
        social = person("social@example.test")
        social.set_unusable_password()
        social.save()
        emails = [user.email, "nobody@example.test", locked.email, social.email]
        attempt(user.email)
        took: dict[str, list[float]] = {email: [] for email in emails}
        for _ in range(7):
            for email in emails:
                begun = time.thread_time()
                assert attempt(email) == WRONG
                took[email].append(time.thread_time() - begun)

        middle = {email: statistics.median(times) for email, times in took.items()}

        assert max(middle.values()) < 1.5 * min(middle.values()), middle


class TestBusyLine:
    def test_counts_no_try_and_no_post(self, settings, monkeypatch) -> None:
        from common.errors import Busy

        settings.RATE_LIMITS = {**settings.RATE_LIMITS, "authentication": 2}
        user: User = person()

        def refuse(*_args: object, **_more: object) -> None:
            raise Busy

        monkeypatch.setattr(User, "check_password", refuse)
        answers = [
            Client().post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
            for _ in range(15)
        ]
        monkeypatch.undo()

        assert {answer.status_code for answer in answers} == {503}
        assert attempt(user.email, PASSWORD, network="127.0.0.1") == "in"
        assert mail.outbox == []
