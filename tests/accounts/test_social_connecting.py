"""Connecting an account elsewhere to one here: after proof, by its owner, and back again."""

import time

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import otp
from accounts.models import AuditEntry, User
from events import relay
from tests.factories.elsewhere import go, is_in, known_as
from tests.factories.sign_in import PASSWORD, SECRET, person, totp
from tests.fakes.oauth.process import FakeOAuth

pytestmark = pytest.mark.django_db


@pytest.mark.row("A8", "D8")
class TestProof:
    def test_by_another_account_connects_nothing(self, fake: FakeOAuth) -> None:
        person()
        other = person("other@example.test")
        fake.is_at("discord", known_as("discord"))
        client = Client()
        go(client, "discord")

        client.post(reverse("account_login"), {"login": other.email, "password": PASSWORD})

        assert is_in(client)
        assert not SocialAccount.objects.exists()

    def test_counts_for_a_quarter_of_an_hour(self, fake: FakeOAuth, monkeypatch) -> None:
        user = person()
        fake.is_at("discord", known_as("discord"))
        client = Client()
        go(client, "discord")
        later = time.time() + 16 * 60
        monkeypatch.setattr("accounts.social.time.time", lambda: later)

        client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})

        assert not SocialAccount.objects.exists()

    def test_includes_the_second_factor(self, fake: FakeOAuth) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)
        fake.is_at("discord", known_as("discord"))
        client = Client()
        go(client, "discord")
        client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})

        assert not SocialAccount.objects.exists()
        client.post(reverse("mfa_authenticate"), {"code": totp(SECRET, time.time())})

        assert SocialAccount.objects.get().user == user


@pytest.mark.row("A8")
class TestSignedInElsewhere:
    @pytest.fixture
    def connected(self, fake: FakeOAuth) -> User:
        user = person()
        SocialAccount.objects.create(
            user=user, provider="discord", uid=known_as("discord")["id"], extra_data={}
        )
        fake.is_at("discord", known_as("discord"))
        return user

    def test_is_still_asked_for_the_second_factor(self, connected: User) -> None:
        otp.enroll_totp(user=connected, secret=SECRET)
        client = Client()

        answer = go(client, "discord")

        assert answer.headers["Location"] == reverse("mfa_authenticate")
        assert not is_in(client)

    def test_does_not_open_a_locked_account(self, connected: User) -> None:
        connected.is_active = False
        connected.save()
        client = Client()

        go(client, "discord")

        assert not is_in(client)


@pytest.mark.row("A8", "D8")
class TestConnecting:
    def signed_in(self, user: User, *, is_confirmed: bool = True) -> Client:
        client = Client()
        client.force_login(user)
        if is_confirmed:
            client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        return client

    @pytest.mark.django_db(transaction=True)
    def test_adds_and_removes_a_way_to_sign_in_and_tells_the_owner(self, fake: FakeOAuth) -> None:
        user = person()
        client = self.signed_in(user)
        fake.is_at("github", known_as("github", email="elsewhere@example.test"))

        go(client, "github", "connect")
        account = SocialAccount.objects.get(user=user)
        page = client.get(reverse("socialaccount_connections")).content.decode()
        client.post(reverse("socialaccount_connections"), {"account": account.pk})
        relay.drain_all()

        assert "GitHub" in page
        assert not SocialAccount.objects.exists()
        assert [m.subject for m in mail.outbox] == [
            "Another way to sign in was added",
            "A way to sign in was removed",
        ]
        acts = AuditEntry.objects.filter(subject=user.public_id).values_list("action", flat=True)
        assert {"user.connect_account", "user.disconnect_account"} <= set(acts)

    def test_asks_who_is_there_first(self, fake: FakeOAuth) -> None:
        user = person()
        client = self.signed_in(user, is_confirmed=False)
        fake.is_at("github", known_as("github"))

        answer = go(client, "github", "connect")

        assert answer.headers["Location"] == reverse("account_reauthenticate")
        assert not SocialAccount.objects.exists()
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        assert SocialAccount.objects.get().user == user

    def test_leaves_an_account_that_opens_somebody_elses(self, fake: FakeOAuth) -> None:
        other = person("other@example.test")
        SocialAccount.objects.create(user=other, provider="github", uid="583231", extra_data={})
        client = self.signed_in(person())
        fake.is_at("github", known_as("github"))

        go(client, "github", "connect")

        assert SocialAccount.objects.get().user == other

    def test_keeps_the_last_way_in(self, fake: FakeOAuth) -> None:
        fake.is_at("discord", known_as("discord"))
        client = Client()
        go(client, "discord")

        answer = client.post(
            reverse("socialaccount_connections"), {"account": SocialAccount.objects.get().pk}
        )

        assert answer.context["form"].non_field_errors() == ["Your account has no password set up."]
        assert SocialAccount.objects.count() == 1

    def test_disconnects_no_other_persons(self, fake: FakeOAuth) -> None:
        other = person("other@example.test")
        theirs = SocialAccount.objects.create(user=other, provider="github", uid="1", extra_data={})

        self.signed_in(person()).post(reverse("socialaccount_connections"), {"account": theirs.pk})

        assert SocialAccount.objects.filter(pk=theirs.pk).exists()
