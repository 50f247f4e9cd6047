"""From sign-up to the first profile: proven once, welcomed once, asked once."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Contact, Registration, User
from accounts.onboarding import registration
from events import relay
from events.models import Event
from tests.factories.accounts import ContactFactory
from tests.factories.sign_in import PASSWORD, person

EMAIL = "new@customers.test"
PROFILE = {"full_name": "Trần Thị Mới", "phone": "+84901234567", "locale": "vi", "timezone": ""}


def sign_up(client: Client, email: str = EMAIL) -> str:
    """Sign up and return the path of the link in the mail that asks to confirm."""
    client.post(reverse("account_signup"), {"email": email, "password1": PASSWORD})
    link = re.search(r"/account/auth/confirm-email/[^\s\"<]+", str(mail.outbox[-1].body))
    assert link is not None
    return link.group()


@pytest.mark.django_db(transaction=True)
@pytest.mark.row("E1")
class TestSignUp:
    def test_opens_nothing_before_the_address_is_proven(self, client):
        sign_up(client)

        answer = client.get(reverse("account_welcome"))

        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("account_login"))
        assert Event.objects.filter(type="user.registered").count() == 0

    def test_leads_from_the_mail_to_the_profile_and_welcomes_once(self, client):
        contact = ContactFactory(email=EMAIL)
        link = sign_up(client)

        answer = client.post(link)
        relay.drain_all()
        again = Client().post(link)
        relay.drain_all()

        assert answer.headers["Location"] == reverse("account_welcome")
        assert again.status_code == 404
        welcome = [item for item in mail.outbox if item.subject == "Welcome to Frontdesk"]
        assert [item.to for item in welcome] == [['"new@customers.test" <new@customers.test>']]
        assert f"http://127.0.0.1:8000{reverse('account_welcome')}" in str(welcome[0].body)
        assert Contact.objects.get(pk=contact.pk).user == User.objects.get(email=EMAIL)

    def test_welcomes_again_nobody_who_proves_another_address(self):
        user = person()

        first = registration.complete_registration(user=user)
        second = registration.complete_registration(user=user)

        assert (first, second) == (True, False)
        assert Event.objects.filter(type="user.registered").count() == 1

    def test_asks_for_the_profile_at_each_sign_in_until_it_is_given(self, client):
        user = person()
        registration.complete_registration(user=user)
        sign_in = {"login": user.email, "password": PASSWORD}

        before = client.post(reverse("account_login"), sign_in)
        client.post(reverse("account_welcome"), {**PROFILE, "then": "account"})
        client.post(reverse("account_logout"))
        after = client.post(reverse("account_login"), sign_in)

        assert before.headers["Location"] == reverse("account_welcome")
        assert after.headers["Location"] == "/account/"


@pytest.mark.django_db
@pytest.mark.row("E1")
class TestProfile:
    @pytest.fixture
    def user(self):
        user = person()
        registration.complete_registration(user=user)
        return user

    @pytest.fixture
    def signed_in(self, client, user):
        client.force_login(user)
        return client

    def test_is_saved_and_sets_the_language_of_the_pages(self, signed_in, user):
        answer = signed_in.post(
            reverse("account_welcome"), {**PROFILE, "timezone": "Asia/Saigon", "then": "account"}
        )

        user.refresh_from_db()
        assert answer.headers["Location"] == reverse("account_home")
        assert (user.full_name, user.phone, user.locale) == (
            "Trần Thị Mới",
            "+84901234567",
            "vi",
        )
        assert user.timezone == "Asia/Ho_Chi_Minh"
        assert answer.cookies["django_language"].value == "vi"
        assert Registration.objects.get(user=user).profile_done_at is not None

    def test_leads_who_runs_a_business_to_its_setup(self, signed_in):
        answer = signed_in.post(reverse("account_welcome"), {**PROFILE, "then": "business"})

        assert answer.headers["Location"] == reverse("setup")

    def test_is_refused_without_a_name_and_stays_asked_for(self, signed_in, user):
        answer = signed_in.post(reverse("account_welcome"), {**PROFILE, "full_name": " "})
        home = signed_in.get(reverse("account_home")).content.decode()

        assert answer.status_code == 400
        assert "This field is required." in answer.content.decode()
        assert registration.awaits_profile(user)
        assert "Complete your profile" in home

    def test_is_not_asked_of_accounts_made_by_operators(self, client):
        user = person("made@example.test")
        client.force_login(user)

        assert "Complete your profile" not in client.get(reverse("account_home")).content.decode()
