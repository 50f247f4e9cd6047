"""Sign-in with Discord, Google and GitHub, against a program that speaks their dialects."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import checks
from accounts.models import User
from config import sign_in_urls
from tests.factories.accounts import ContactFactory
from tests.factories.elsewhere import EMAIL, PROVIDERS, come_back, go, is_in, known_as, leave
from tests.factories.sign_in import PASSWORD, person
from tests.fakes.oauth.process import FakeOAuth

pytestmark = pytest.mark.django_db


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

        assert answer.headers["Location"] == "/account/welcome/"
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
