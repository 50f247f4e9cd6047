"""How the sign-in library is fitted in."""

import pytest
from allauth.account.adapter import get_adapter
from django.urls import reverse

from tests.factories.sign_in import PASSWORD, person

PROXY = "10.0.0.1"


@pytest.fixture
def behind_proxy(settings):
    settings.TRUSTED_PROXIES = [PROXY]
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "authentication": 1000}


@pytest.mark.usefixtures("behind_proxy")
class TestClientAddress:
    @pytest.mark.parametrize(
        ("remote", "forwarded", "seen"),
        [
            (PROXY, "203.0.113.7", "203.0.113.7"),
            (PROXY, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            (PROXY, "2001:db8:1:2:3::4", "2001:db8:1:2::"),
            ("", "", "unknown"),
        ],
    )
    def test_is_the_callers_and_not_the_proxys(self, rf, remote, forwarded, seen):
        request = rf.get("/", REMOTE_ADDR=remote, headers={"X-Forwarded-For": forwarded})

        assert get_adapter().get_client_ip(request) == seen

    @pytest.mark.django_db
    @pytest.mark.row("A6")
    def test_failed_tries_of_one_network_lock_nobody_else_out(self, client):
        user = person()

        def try_to_sign_in(address: str, email: str, password: str) -> int:
            answer = client.post(
                reverse("account_login"),
                {"login": email, "password": password},
                REMOTE_ADDR=PROXY,
                headers={"X-Forwarded-For": address},
            )
            return int(answer.status_code)

        for number in range(12):
            try_to_sign_in("203.0.113.7", f"guess{number}@example.test", "wrong password")

        assert try_to_sign_in("198.51.100.20", user.email, PASSWORD) == 302
