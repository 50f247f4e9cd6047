"""The second factor, through the real sign-in pages: allauth asks, django-otp decides."""

import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import otp
from accounts.models import AuditEntry, SecondFactor, User
from tests.factories.sign_in import PASSWORD, SECRET, person, totp

# Codes are of one 30 s step; the clock stands so that a test never crosses into the next.
NOON = 1_800_000_000.0


@pytest.fixture
def staff(db: None) -> User:
    return person(is_staff=True)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def sign_in(client: Client, user: User):
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})


def enter(client: Client, code: str):
    return client.post(reverse("mfa_authenticate"), {"code": code})


def admin_answer(client: Client) -> tuple[int, str]:
    response = client.get("/admin/")
    return response.status_code, response.headers.get("Location", "")


@pytest.mark.usefixtures("clock")
class TestSignIn:
    @pytest.mark.row("E12")
    def test_the_password_alone_opens_neither_session_nor_admin(self, staff: User) -> None:
        otp.enroll_totp(user=staff, secret=SECRET)
        client = Client()

        response = sign_in(client, staff)

        assert response.headers["Location"] == reverse("mfa_authenticate")
        assert "_auth_user_id" not in client.session
        assert admin_answer(client) == (302, "/admin/login/?next=/admin/")
        asked = client.get("/admin/login/?next=/admin/")
        assert asked.headers["Location"] == "/account/auth/login/?next=%2Fadmin%2F"

    @pytest.mark.row("E12")
    def test_password_and_code_open_the_admin(self, staff: User) -> None:
        otp.enroll_totp(user=staff, secret=SECRET)
        client = Client()
        sign_in(client, staff)

        enter(client, totp(SECRET, time.time()))

        assert admin_answer(client) == (200, "")
        assert client.get("/admin/").context["user"].is_verified() is True

    def test_a_wrong_code_opens_nothing(self, staff: User) -> None:
        otp.enroll_totp(user=staff, secret=SECRET)
        client = Client()
        sign_in(client, staff)
        right = totp(SECRET, time.time())

        response = enter(client, f"{(int(right) + 1) % 1_000_000:06d}")

        assert response.status_code == 200
        assert "_auth_user_id" not in client.session

    def test_a_code_used_once_is_refused_the_second_time(self, staff: User) -> None:
        otp.enroll_totp(user=staff, secret=SECRET)
        code = totp(SECRET, time.time())
        first, second = Client(), Client()
        sign_in(first, staff)
        enter(first, code)
        sign_in(second, staff)

        enter(second, code)

        assert admin_answer(first)[0] == 200
        assert "_auth_user_id" not in second.session

    def test_a_replayed_code_verifies_nobody_even_when_the_cache_forgot_it(
        self, staff: User
    ) -> None:
        otp.enroll_totp(user=staff, secret=SECRET)
        code = totp(SECRET, time.time())
        first, second = Client(), Client()
        sign_in(first, staff)
        enter(first, code)
        cache.clear()
        sign_in(second, staff)

        enter(second, code)

        assert admin_answer(first)[0] == 200
        assert admin_answer(second)[0] == 302

    def test_a_recovery_code_opens_the_admin_once(self, staff: User) -> None:
        otp.enroll_totp(user=staff, secret=SECRET)
        kept = Authenticator.objects.get(user=staff, type=Authenticator.Type.RECOVERY_CODES)
        codes = kept.wrap().get_unused_codes()
        first, second = Client(), Client()
        sign_in(first, staff)
        enter(first, codes[0])
        sign_in(second, staff)

        enter(second, codes[0])

        assert len(codes) == 10
        assert admin_answer(first)[0] == 200
        assert "_auth_user_id" not in second.session

    def test_the_seed_is_not_readable_in_the_database(self, staff: User) -> None:
        factor = otp.enroll_totp(user=staff, secret=SECRET)

        assert SECRET not in str(factor.data)
        assert not hasattr(SecondFactor, "key")

    def test_the_bridge_itself_accepts_no_code(self, staff: User) -> None:
        device = otp.enroll_totp(user=staff, secret=SECRET).second_factor

        assert device.verify_token(totp(SECRET, time.time())) is False


@pytest.mark.usefixtures("clock")
class TestEnrolling:
    def test_staff_without_a_factor_are_sent_to_set_one_up(self, staff: User) -> None:
        client = Client()
        sign_in(client, staff)

        assert admin_answer(client) == (302, "/admin/login/?next=/admin/")
        response = client.get("/admin/login/?next=/admin/")

        assert response.headers["Location"] == "/account/auth/2fa/totp/activate/?next=%2Fadmin%2F"

    @pytest.mark.django_db(transaction=True)
    def test_the_session_that_enrols_is_verified(self) -> None:
        staff = person(is_staff=True)
        client = Client()
        sign_in(client, staff)
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        client.get(reverse("mfa_activate_totp"))
        secret = client.session["mfa.totp.secret"]

        client.post(reverse("mfa_activate_totp"), {"code": totp(secret, time.time())})

        assert admin_answer(client)[0] == 200

    def test_another_session_of_the_same_person_is_not(self, staff: User) -> None:
        other = Client()
        sign_in(other, staff)
        otp.enroll_totp(user=staff, secret=SECRET)

        assert admin_answer(other)[0] == 302
        response = other.get("/admin/login/?next=/admin/")
        assert response.headers["Location"] == (
            "/account/auth/2fa/reauthenticate/?next=%2Fadmin%2F"
        )

    def test_proving_the_factor_again_verifies_that_session(self, staff: User) -> None:
        client = Client()
        sign_in(client, staff)
        otp.enroll_totp(user=staff, secret=SECRET)

        client.post(reverse("mfa_reauthenticate"), {"code": totp(SECRET, time.time())})

        assert admin_answer(client)[0] == 200

    def test_losing_the_factor_ends_the_verified_session(self, staff: User) -> None:
        otp.enroll_totp(user=staff, secret=SECRET)
        client = Client()
        sign_in(client, staff)
        enter(client, totp(SECRET, time.time()))

        otp.remove_second_factors(user=staff, actor="usr_other", reason="lost phone")

        assert admin_answer(client)[0] == 302
        assert SecondFactor.objects.count() == 0
        entry = AuditEntry.objects.get(action="user.remove_second_factors")
        assert (entry.actor, entry.reason) == ("usr_other", "lost phone")


@pytest.mark.usefixtures("clock")
class TestOthers:
    def test_customers_do_not_get_in_even_verified(self, db: None) -> None:
        customer = person("customer@example.test")
        otp.enroll_totp(user=customer, secret=SECRET)
        client = Client()
        sign_in(client, customer)
        enter(client, totp(SECRET, time.time()))

        assert admin_answer(client)[0] == 302
        assert client.get("/admin/login/").status_code == 403

    def test_sign_in_never_leads_to_another_host(self, db: None) -> None:
        response = Client().get("/admin/login/?next=https://evil.example/")

        assert response.headers["Location"] == "/account/auth/login/?next=%2Fadmin%2F"
