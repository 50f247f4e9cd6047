"""The second factor: setting it up, and what a session half-way in may open."""

import time
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import otp
from accounts.models import AuditEntry, SecondFactor
from events import relay
from tests.accounts.conftest import NOON
from tests.factories.sign_in import (
    PASSWORD,
    SECRET,
    confirmed,
    enter,
    errors,
    person,
    totp,
    with_password,
)

pytestmark = pytest.mark.usefixtures("own_windows")


@pytest.mark.row("A7", "E12")
@pytest.mark.usefixtures("clock")
@pytest.mark.django_db(transaction=True)
class TestSettingUp:
    def test_shows_a_code_to_scan_and_gives_ten_backup_codes(self) -> None:
        user = person()
        client = confirmed(user)

        page = client.get(reverse("mfa_activate_totp"))
        secret = client.session["mfa.totp.secret"]
        answer = client.post(
            reverse("mfa_activate_totp"), {"code": totp(secret, time.time())}, follow=True
        )

        assert 'src="data:image/svg+xml;base64,' in page.content.decode()
        assert secret in page.content.decode()
        assert answer.redirect_chain[-1][0] == reverse("mfa_view_recovery_codes")
        assert len(answer.context["unused_codes"]) == 10
        acts = AuditEntry.objects.filter(action="user.add_second_factor", subject=user.public_id)
        assert sorted(entry.after["type"] for entry in acts) == ["recovery_codes", "totp"]

    def test_refuses_a_wrong_code(self) -> None:
        client = confirmed(person())
        client.get(reverse("mfa_activate_totp"))

        answer = client.post(reverse("mfa_activate_totp"), {"code": "000000"})

        assert errors(answer) == ["Incorrect code."]
        assert Authenticator.objects.count() == 0

    def test_uses_the_code_up(self) -> None:
        user = person()
        client = confirmed(user)
        client.get(reverse("mfa_activate_totp"))
        code = totp(client.session["mfa.totp.secret"], time.time())
        client.post(reverse("mfa_activate_totp"), {"code": code})

        assert not enter(with_password(user), code)

    def test_tells_the_owner_by_mail(self) -> None:
        client = confirmed(person(locale="vi"))
        client.get(reverse("mfa_activate_totp"))
        code = totp(client.session["mfa.totp.secret"], time.time())
        client.post(reverse("mfa_activate_totp"), {"code": code})

        assert mail.outbox == []
        relay.drain_all()

        assert [(m.to, m.subject) for m in mail.outbox] == [
            (["tuyet@example.test"], "Đã thêm một ứng dụng xác thực")
        ]

    def test_backup_codes_can_be_downloaded_and_made_anew(self) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)
        client = confirmed(user)

        file = client.get(reverse("mfa_download_recovery_codes"))
        before = file.content.decode().split()
        client.post(reverse("mfa_generate_recovery_codes"))
        after = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]

        assert file.headers["Content-Disposition"].startswith("attachment;")
        assert (len(set(before)), len(set(after))) == (10, 10)
        assert not enter(with_password(user), before[0])
        assert enter(with_password(user), after[0])
        acts = AuditEntry.objects.filter(subject=user.public_id, action__contains="recovery_codes")
        assert [entry.action for entry in acts] == ["user.replace_recovery_codes"]

    @pytest.mark.parametrize(
        "name",
        [
            "mfa_activate_totp",
            "mfa_deactivate_totp",
            "mfa_add_webauthn",
            "mfa_view_recovery_codes",
            "mfa_download_recovery_codes",
            "mfa_generate_recovery_codes",
        ],
    )
    def test_asks_who_is_there_first(self, name: str) -> None:
        user = person()
        if name != "mfa_activate_totp":
            otp.enroll_totp(user=user, secret=SECRET)
        client = Client()
        client.force_login(user)

        answer = client.get(reverse(name))

        wanted = quote(reverse(name), safe="")
        assert answer.headers["Location"] == f"/account/auth/reauthenticate/?next={wanted}"


def plain_paths() -> list[str]:
    """Return every address of the site that takes no argument."""
    found: list[str] = []

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> None:
        for item in patterns:
            part = str(item.pattern)
            if part.startswith("^") or "<" in part or "(" in part:
                continue
            if isinstance(item, URLResolver):
                walk(item.url_patterns, prefix + part)
            elif part or prefix:
                found.append(f"/{prefix}{part}")

    walk(get_resolver().url_patterns, "")
    return sorted(set(found))


@pytest.mark.row("A7")
@pytest.mark.django_db
class TestHalfSignedIn:
    def test_opens_nothing_a_stranger_could_not(self) -> None:
        user = person(is_staff=True, is_superuser=True)
        otp.enroll_totp(user=user, secret=SECRET)
        half, stranger = with_password(user), Client()
        own = {reverse("mfa_authenticate"), reverse("account_login")}
        paths = [path for path in plain_paths() if path not in own]

        seen = {path: half.get(path).status_code for path in paths}

        assert len(paths) > 40
        assert seen == {path: stranger.get(path).status_code for path in paths}

    def test_opens_the_page_of_the_second_step(self) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)
        half = with_password(user)

        assert half.get("/api/v1/me").status_code == 401
        assert half.get(reverse("mfa_authenticate")).status_code == 200
        assert half.get(reverse("account_login")).headers["Location"] == reverse("mfa_authenticate")


@pytest.mark.row("A7")
@pytest.mark.urls("tests.accounts.app_urls")
@pytest.mark.django_db
class TestAppClients:
    """The sign-in API asks as the pages do."""

    def call(self, path: str, token: str = "", **body: str):
        return Client().post(
            f"/_allauth/app/v1/auth/{path}",
            body,
            content_type="application/json",
            headers={"X-Session-Token": token} if token else {},
        )

    def test_get_nothing_for_the_password_alone(self, clock) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)

        answer = self.call("login", email=user.email, password=PASSWORD)

        assert answer.status_code == 401
        pending = [flow["id"] for flow in answer.json()["data"]["flows"] if flow.get("is_pending")]
        assert pending == ["mfa_authenticate"]
        token = answer.json()["meta"]["session_token"]
        session = Client().get("/_allauth/app/v1/auth/session", headers={"X-Session-Token": token})
        assert session.status_code == 401

    def test_are_let_in_once_by_one_code(self, clock) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)
        code = totp(SECRET, NOON)
        tokens = [
            self.call("login", email=user.email, password=PASSWORD).json()["meta"]["session_token"]
            for _ in range(2)
        ]
        cache.clear()

        first = self.call("2fa/authenticate", tokens[0], code=code)
        cache.clear()
        second = self.call("2fa/authenticate", tokens[1], code=code)

        assert (first.status_code, second.status_code) == (200, 400)


@pytest.mark.django_db
def test_the_bridge_has_a_device_for_each_factor() -> None:
    user = person()
    factor = otp.enroll_totp(user=user, secret=SECRET)

    assert SecondFactor.objects.get(user=user).authenticator_id == factor.pk
