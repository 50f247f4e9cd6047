"""What changes how an account is opened asks who is there once more."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts import otp
from accounts.models import User
from tests.factories.sign_in import (
    PASSWORD,
    SECRET,
    confirmed,
    person,
    with_password,
)

pytestmark = pytest.mark.usefixtures("own_windows")


@pytest.mark.row("E12")
@pytest.mark.django_db
class TestStepUp:
    def add_email(self, client: Client):
        return client.post(
            reverse("account_email"), {"action_add": "", "email": "second@example.test"}
        )

    def emails(self, user: User) -> list[str]:
        return sorted(EmailAddress.objects.filter(user=user).values_list("email", flat=True))

    def test_asks_before_an_address_is_added_and_then_adds_it(self) -> None:
        user = person()
        client = with_password(user)

        asked = self.add_email(client)
        assert self.emails(user) == ["tuyet@example.test"]
        assert asked.headers["Location"] == (
            "/account/auth/reauthenticate/?next=%2Faccount%2Fauth%2Femail%2F"
        )
        client.post(
            reverse("account_reauthenticate"),
            {"password": PASSWORD, "next": reverse("account_email")},
        )

        assert self.emails(user) == ["second@example.test", "tuyet@example.test"]

    def test_counts_for_five_minutes(self, clock) -> None:
        user = person()
        client = confirmed(user)
        clock.shift(299)
        self.add_email(client)
        assert len(self.emails(user)) == 2
        clock.shift(2)

        answer = client.post(
            reverse("account_email"), {"action_remove": "", "email": "second@example.test"}
        )

        assert answer.headers["Location"].startswith("/account/auth/reauthenticate/")
        assert len(self.emails(user)) == 2

    def test_asks_before_a_first_password_is_set(self) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)
        user.set_unusable_password()
        user.save()
        client = Client()
        client.force_login(user)

        answer = client.get(reverse("account_set_password"))

        assert answer.headers["Location"].startswith(reverse("mfa_reauthenticate"))

    def test_is_not_passed_by_a_wrong_password(self) -> None:
        user = person()
        client = with_password(user)
        client.post(reverse("account_reauthenticate"), {"password": "a wrong password"})

        self.add_email(client)

        assert self.emails(user) == ["tuyet@example.test"]
