"""The passwords an account may take, through every door that sets one."""

import io
import re
import time

import pytest
from allauth.account.models import EmailAddress
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts import actions, passwords
from accounts.models import AuditEntry, UsedPassword, User
from events.models import Event, Reaction
from tests.factories.sign_in import PASSWORD, person
from tests.fakes.breaches import FakeBreaches

pytestmark = pytest.mark.django_db
USED = "You have used this password before. Choose a new one."
BREACHED = "This password is known from a data breach. Choose another."


@pytest.fixture(autouse=True)
def many_tries(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "authentication": 1000}
    settings.ACCOUNT_RATE_LIMITS = False


def word(number: int) -> str:
    return f"a long enough secret {number}"


def sign_in(user: User, password: str = PASSWORD) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": password})
    return client


def change(client: Client, old: str, new: str):
    return client.post(
        reverse("account_change_password"),
        {"oldpassword": old, "password1": new, "password2": new},
    )


def reset(user: User, new: str):
    """Go the way of the mail: ask, open its link, choose."""
    client = Client()
    client.post(reverse("account_reset_password"), {"email": user.email})
    link = re.search(r"/account/auth/password/reset/key/\S+/", str(mail.outbox[-1].body))
    assert link is not None
    page = client.get(link[0], follow=True)
    return client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})


def errors(answer) -> list[str]:
    return [error for found in answer.context["form"].errors.values() for error in found]


@pytest.mark.row("A6")
class TestChanging:
    def test_refuses_the_last_ten_and_takes_the_eleventh_again(self) -> None:
        user = person()
        client, present = sign_in(user), PASSWORD
        for number in range(10):
            assert change(client, present, word(number)).status_code == 302
            present = word(number)

        refused = [errors(change(client, present, word(number))) for number in range(10)]
        answer = change(client, present, PASSWORD)

        assert refused == [[USED]] * 10
        assert answer.status_code == 302
        assert UsedPassword.objects.filter(user=user).count() == passwords.KEPT

    def test_leaves_a_lock_that_came_meanwhile(self) -> None:
        user = person()
        User.objects.filter(pk=user.pk).update(is_active=False)

        actions.set_password(user=user, password=word(1), actor=user.public_id)

        found = User.objects.get(pk=user.pk)
        assert (found.is_active, found.check_password(word(1))) == (False, True)
        assert UsedPassword.objects.filter(user=user).count() == 2

    def test_keeps_marks_that_say_nothing_and_no_retired_hash(self) -> None:
        user = person()
        retired = user.password
        change(sign_in(user), PASSWORD, word(1))

        kept = list(UsedPassword.objects.filter(user=user).values_list("mark", flat=True))

        assert len(kept) == 2
        assert all(re.fullmatch(r"[0-9a-f]{64}", mark) for mark in kept)
        assert retired not in str(kept)
        same = person("other@example.test")
        assert not UsedPassword.objects.filter(user=same, mark__in=kept).exists()

    def test_another_persons_password_is_nobodys_business(self) -> None:
        other = person("other@example.test")
        user = person()
        change(sign_in(other), PASSWORD, word(1))

        assert change(sign_in(user), PASSWORD, word(1)).status_code == 302

    def test_knows_them_after_the_key_was_replaced_but_not_removed(self, settings) -> None:
        user = person()
        settings.FIELD_KEYS = [Fernet.generate_key().decode(), *django_settings.FIELD_KEYS]

        assert errors(change(sign_in(user), PASSWORD, PASSWORD)) == [USED]

        settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
        assert change(sign_in(user), PASSWORD, PASSWORD).status_code == 302

    def test_refuses_the_present_one_of_an_account_without_marks(self) -> None:
        user = person()
        UsedPassword.objects.all().delete()

        assert errors(change(sign_in(user), PASSWORD, PASSWORD)) == [USED]

    def test_ends_the_other_sessions_and_says_so_to_their_sockets(self) -> None:
        user = person()
        here, there = sign_in(user), sign_in(user)

        change(here, PASSWORD, word(1))

        assert here.get(reverse("account_settings")).status_code == 200
        assert there.get(reverse("account_settings")).status_code == 302
        event = Event.objects.get(type="user.sessions_ended")
        assert (event.subject, event.data) == (user.public_id, {"id": user.public_id})
        assert (
            Reaction.objects.filter(event_id=event.pk, name="notifications.end_sockets").count()
            == 1
        )
        assert AuditEntry.objects.get(action="user.set_password").actor == user.public_id


@pytest.mark.row("E12")
class TestEndedSessions:
    def test_stay_ended_under_an_older_secret_key_too(self, settings) -> None:
        user = person()
        opened, untouched = sign_in(user), sign_in(user)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another-" + "k" * 50
        assert opened.get(reverse("account_settings")).status_code == 200

        with transaction.atomic():
            actions.end_sessions(user=user, actor="usr_other")

        assert opened.get(reverse("account_settings")).status_code == 302
        assert untouched.get(reverse("account_settings")).status_code == 302
        assert sign_in(user).get(reverse("account_settings")).status_code == 200


@pytest.mark.row("A6")
class TestEveryDoor:
    def test_sign_up_keeps_the_first(self) -> None:
        Client().post(
            reverse("account_signup"), {"email": "new@example.test", "password1": PASSWORD}
        )

        user = User.objects.get(email="new@example.test")
        assert errors(reset(user, PASSWORD)) == [USED]

    def test_a_reset_refuses_and_keeps_too(self) -> None:
        user = person()

        assert errors(reset(user, PASSWORD)) == [USED]
        assert reset(user, word(1)).status_code == 302
        assert errors(reset(user, word(1))) == [USED]
        assert sign_in(user, word(1)).get(reverse("account_settings")).status_code == 200

    def test_a_reset_ends_every_session(self) -> None:
        user = person()
        there = sign_in(user)

        reset(user, word(1))

        assert there.get(reverse("account_settings")).status_code == 302

    def test_the_first_password_of_an_account_without_one_is_kept(self) -> None:
        user = person()
        user.set_unusable_password()
        user.save()
        UsedPassword.objects.all().delete()
        client = Client()
        client.force_login(user)

        client.post(reverse("account_set_password"), {"password1": word(1), "password2": word(1)})

        assert errors(change(client, word(1), word(1))) == [USED]

    def test_the_commands_keep_it(self, monkeypatch) -> None:
        monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", word(1))
        call_command("createsuperuser", "--noinput", email="root@example.test", verbosity=0)
        user = User.objects.get(email="root@example.test")
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)

        assert errors(change(sign_in(user, word(1)), word(1), word(1))) == [USED]

        typed = iter([word(2), word(2)])
        monkeypatch.setattr("getpass.getpass", lambda *_, **__: next(typed))
        call_command("changepassword", "root@example.test", stdout=io.StringIO())
        user.refresh_from_db()

        assert errors(change(sign_in(user, word(2)), word(2), word(1))) == [USED]

    def test_none_takes_a_short_or_common_one(self) -> None:
        client = sign_in(person())

        assert errors(change(client, PASSWORD, "short")) != []
        assert errors(change(client, PASSWORD, "qwerty123456")) == ["This password is too common."]


@pytest.fixture
def breaches(settings):
    with FakeBreaches(word(1)) as fake:
        settings.PASSWORD_BREACH_API = fake.address
        settings.AUTH_PASSWORD_VALIDATORS = [
            *settings.AUTH_PASSWORD_VALIDATORS,
            {"NAME": "accounts.validators.BreachedPasswordValidator"},
        ]
        yield fake


@pytest.mark.row("A6")
class TestBreaches:
    def test_refuse_a_known_password_by_five_digits_of_its_hash(self, breaches) -> None:
        assert errors(change(sign_in(person()), PASSWORD, word(1))) == [BREACHED]
        assert breaches.asked == [f"/range/{breaches.hashes[0][:5]}"]

    def test_let_others_pass_padding_included(self, breaches) -> None:
        breaches.hashes.append("FFFFF" + "0" * 35)

        assert change(sign_in(person()), PASSWORD, word(2)).status_code == 302

    @pytest.mark.parametrize("broken", ["hangs", "drips", "fails"])
    def test_let_everything_pass_when_they_do_not_answer_in_a_second(
        self, breaches, broken: str
    ) -> None:
        breaches.broken = broken
        client = sign_in(person())
        begun = time.monotonic()

        answer = change(client, PASSWORD, word(1))

        assert answer.status_code == 302
        # A second for the service; the rest is the request's own on a busy machine.
        assert time.monotonic() - begun < 4

    def test_let_everything_pass_when_nobody_is_there(self, breaches, settings) -> None:
        settings.PASSWORD_BREACH_API = "http://127.0.0.1:1"

        assert change(sign_in(person()), PASSWORD, word(1)).status_code == 302

    def test_are_not_asked_unless_named(self) -> None:
        named = [str(item) for item in django_settings.AUTH_PASSWORD_VALIDATORS]

        assert not any("BreachedPasswordValidator" in name for name in named)
        assert any("UsedPasswordValidator" in name for name in named)


@pytest.mark.row("A6")
class TestSpeed:
    def test_a_change_with_ten_old_ones_answers_within_five_seconds(self, settings) -> None:
        user = person()
        client, present = sign_in(user), PASSWORD
        for number in range(9):
            change(client, present, word(number))
            present = word(number)
        settings.PASSWORD_HASHERS = ["accounts.hashers.BCryptSHA256Rounds14PasswordHasher"]
        settings.USED_PASSWORD_COST = {"iterations": 3, "lanes": 1, "memory_cost": 64 * 1024}
        user.refresh_from_db()
        user.set_password(word(9))
        user.save()
        client.force_login(user)

        begun = time.thread_time()
        answer = change(client, word(9), word(10))

        assert answer.status_code == 302
        # Time of this thread, which other work on the machine does not stretch.
        assert time.thread_time() - begun < 5
