"""Sign-in with Discord, Google and GitHub, against a program that speaks their dialects."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import checks, otp, social
from accounts.models import AuditEntry, User
from config import sign_in_urls
from events import relay
from tests.factories.accounts import ContactFactory
from tests.factories.sign_in import PASSWORD, SECRET, person, totp
from tests.fakes.oauth.process import FakeOAuth, running

pytestmark = pytest.mark.django_db
PROVIDERS = ("discord", "google", "github")
EMAIL = "tuyet@example.test"


def known_as(provider: str, *, email: str = EMAIL, is_verified: bool = True) -> dict[str, Any]:
    """Return Tuyết as the provider knows her."""
    people: dict[str, dict[str, Any]] = {
        "discord": {
            "id": "80351110224678912",
            "username": "tuyet",
            "global_name": "Tuyết",
            "discriminator": "0",
            "avatar": None,
            "locale": "vi",
            "email": email,
            "verified": is_verified,
        },
        "google": {
            "sub": "10769150350006150715113082367",
            "email": email,
            "email_verified": is_verified,
            "name": "Nguyễn Tuyết",
            "given_name": "Tuyết",
            "family_name": "Nguyễn",
        },
        "github": {
            "user": {"id": 583231, "login": "tuyet", "name": "Nguyễn Tuyết", "email": None},
            "emails": [{"email": email, "primary": True, "verified": is_verified}],
        },
    }
    return people[provider]


@pytest.fixture(scope="module")
def program() -> Iterator[FakeOAuth]:
    with running() as started:
        yield started


@pytest.fixture
def fake(program: FakeOAuth, settings) -> Iterator[FakeOAuth]:
    program.reset()
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "authentication": 100_000}
    before = settings.SIGN_IN_ADDRESSES
    settings.SIGN_IN_ADDRESSES = {
        "discord": sign_in_urls.discord(f"{program.url}/api/v10"),
        "google": sign_in_urls.google(program.url),
        "github": sign_in_urls.github(program.url),
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        name: {
            "APPS": [{"client_id": f"{name}-client", "secret": f"{name}-secret"}],
            "OAUTH_PKCE_ENABLED": True,
        }
        for name in PROVIDERS
    }
    social.use_addresses()
    yield program
    settings.SIGN_IN_ADDRESSES = before
    social.use_addresses()


def leave(client: Client, provider: str, process: str = "login") -> str:
    """Press the button; returns the provider's address the browser is sent to."""
    answer = client.post(reverse(f"{provider}_login") + f"?process={process}")
    assert answer.status_code == 302
    return answer.headers["Location"]


def come_back(client: Client, address: str):
    """Open the provider's page, which sends the person back with a code."""
    sent = httpx.get(address)
    assert sent.status_code == 302, sent.text
    parts = urlsplit(sent.headers["Location"])
    return client.get(f"{parts.path}?{parts.query}")


def go(client: Client, provider: str, process: str = "login"):
    return come_back(client, leave(client, provider, process))


def is_in(client: Client) -> bool:
    return client.get(reverse("account_settings")).status_code == 200


@pytest.mark.row("A8", "D8")
@pytest.mark.parametrize("provider", PROVIDERS)
class TestEachProvider:
    def test_makes_an_account_with_the_proven_address_and_name(
        self, fake: FakeOAuth, provider: str
    ) -> None:
        contact = ContactFactory(email=EMAIL)
        fake.is_at(provider, known_as(provider))
        client = Client()

        answer = go(client, provider)

        assert answer.headers["Location"] == "/account/"
        assert is_in(client)
        user = User.objects.get()
        assert user.email == EMAIL
        assert "uyết" in user.full_name or user.full_name == "tuyet"
        assert not user.has_usable_password()
        address = EmailAddress.objects.get(user=user)
        assert (address.email, address.verified, address.primary) == (EMAIL, True, True)
        contact.refresh_from_db()
        assert contact.user == user
        assert mail.outbox == []

    def test_finds_the_same_account_again_whatever_the_address_there_is_now(
        self, fake: FakeOAuth, provider: str
    ) -> None:
        fake.is_at(provider, known_as(provider))
        go(Client(), provider)
        fake.is_at(provider, known_as(provider, email="moved@example.test"))
        client = Client()

        go(client, provider)

        assert is_in(client)
        assert User.objects.get().email == EMAIL

    def test_lets_an_unproven_address_in_only_after_the_mail(
        self, fake: FakeOAuth, provider: str
    ) -> None:
        fake.is_at(provider, known_as(provider, is_verified=False))
        client = Client()

        go(client, provider)

        assert not is_in(client)
        assert not EmailAddress.objects.filter(verified=True).exists()

    def test_does_not_open_an_account_by_its_address(self, fake: FakeOAuth, provider: str) -> None:
        user = person()
        fake.is_at(provider, known_as(provider))
        client = Client()

        answer = go(client, provider)

        assert answer.headers["Location"] == reverse("account_login")
        assert not is_in(client)
        assert not SocialAccount.objects.exists()
        page = client.get(reverse("account_login"))
        assert [str(m)[:55] for m in page.context["messages"]] == [
            "You have an account with this email address already. Si"
        ]

        client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})

        assert is_in(client)
        assert SocialAccount.objects.get().user == user
        again = Client()
        go(again, provider)
        assert is_in(again)

    def test_is_given_up_by_who_declines(self, fake: FakeOAuth, provider: str) -> None:
        client = Client()

        answer = go(client, provider)

        assert answer.headers["Location"] == reverse("socialaccount_login_cancelled")
        assert client.get(answer.headers["Location"]).status_code == 200
        assert not User.objects.exists()

    def test_refuses_a_code_somebody_else_brought(self, fake: FakeOAuth, provider: str) -> None:
        fake.is_at(provider, known_as(provider))
        sent = httpx.get(leave(Client(), provider)).headers["Location"]
        parts = urlsplit(sent)
        victim = Client()

        answer = victim.get(f"{parts.path}?{parts.query}")

        assert answer.status_code == 401
        assert not is_in(victim)
        assert not User.objects.exists()

    def test_refuses_a_code_a_second_time(self, fake: FakeOAuth, provider: str) -> None:
        fake.is_at(provider, known_as(provider))
        client = Client()
        address = leave(client, provider)
        parts = urlsplit(httpx.get(address).headers["Location"])
        client.get(f"{parts.path}?{parts.query}")
        client.post(reverse("account_logout"))

        answer = client.get(f"{parts.path}?{parts.query}")

        assert answer.status_code == 401
        assert not is_in(client)

    def test_sends_a_challenge_and_keeps_no_token(self, fake: FakeOAuth, provider: str) -> None:
        fake.is_at(provider, known_as(provider))
        client = Client()
        address = leave(client, provider)

        come_back(client, address)

        query = parse_qs(urlsplit(address).query)
        assert query["code_challenge_method"] == ["S256"]
        assert not SocialToken.objects.exists()

    def test_shows_an_error_when_the_provider_refuses_us(
        self, fake: FakeOAuth, provider: str, settings
    ) -> None:
        apps = {"APPS": [{"client_id": f"{provider}-client", "secret": "outdated"}]}
        settings.SOCIALACCOUNT_PROVIDERS = {provider: apps}
        fake.is_at(provider, known_as(provider))
        client = Client()

        answer = go(client, provider)

        assert answer.status_code == 401
        assert "outdated" not in answer.content.decode()
        assert not User.objects.exists()


@pytest.mark.row("A8", "D8")
class TestWithoutAnAddress:
    def test_asks_for_one_and_confirms_it_by_mail(self, fake: FakeOAuth) -> None:
        fake.is_at("discord", {**known_as("discord"), "email": None, "verified": False})
        client = Client()

        answer = go(client, "discord", "login")
        page = client.get(answer.headers["Location"])
        client.post(reverse("socialaccount_signup"), {"email": EMAIL})

        assert answer.headers["Location"] == reverse("socialaccount_signup")
        assert "Discord told us no email address" in page.content.decode()
        assert not is_in(client)
        assert [(m.to, m.subject) for m in mail.outbox] == [([EMAIL], "Confirm your email address")]

    def test_takes_no_address_that_is_somebodys(self, fake: FakeOAuth) -> None:
        user = person()
        fake.is_at("discord", {**known_as("discord"), "email": None, "verified": False})
        client = Client()
        go(client, "discord")

        client.post(reverse("socialaccount_signup"), {"email": user.email})

        assert not is_in(client)
        assert not SocialAccount.objects.exists()


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


@pytest.mark.row("A8", "D8")
class TestButtons:
    @pytest.mark.parametrize("name", ["account_login", "account_signup"])
    def test_stand_for_what_is_configured(self, fake: FakeOAuth, settings, name: str) -> None:
        apps = settings.SOCIALACCOUNT_PROVIDERS
        settings.SOCIALACCOUNT_PROVIDERS = {"github": apps["github"], "google": {"APPS": []}}

        page = Client().get(reverse(name)).content.decode()

        assert "Continue with GitHub" in page
        assert "Discord" not in page
        assert "Google" not in page

    def test_are_not_there_when_nothing_is(self) -> None:
        assert "Continue with" not in Client().get(reverse("account_login")).content.decode()
        assert Client().post("/account/auth/discord/login/").status_code == 404


class TestAddresses:
    def test_are_the_providers_own_unless_another_base_is_named(self) -> None:
        assert sign_in_urls.discord("https://discord.com/api/v10") == {
            "authorize_url": "https://discord.com/oauth2/authorize",
            "access_token_url": "https://discord.com/api/v10/oauth2/token",
            "profile_url": "https://discord.com/api/v10/users/@me",
        }
        assert sign_in_urls.google("")["authorize_url"] == (
            "https://accounts.google.com/o/oauth2/v2/auth"
        )
        assert sign_in_urls.github("")["emails_url"] == "https://api.github.com/user/emails"

    def test_must_be_https_in_production(self, settings) -> None:
        settings.SIGN_IN_ADDRESSES = {"github": sign_in_urls.github("http://github.test")}
        settings.PASSWORD_BREACH_API = "http://breaches.test"

        settings.ENVIRONMENT = "production"
        found = checks.check_addresses(None)
        settings.ENVIRONMENT = "development"

        assert [error.id for error in found] == ["accounts.E001"] * 5
        assert checks.check_addresses(None) == []
