"""Tokens of apps, through the sign-in API as an app uses it."""

import base64
import json
import threading

import jwt
import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import actions, otp, sign_out
from accounts.devices import seen
from accounts.models import AuditEntry, Device, SecurityEntry, User
from config.embedded.keys import new_token_key
from events.models import Event
from tests.factories.accounts import MembershipFactory
from tests.factories.apps import API, App
from tests.factories.sign_in import PASSWORD, SECRET, person, signed_in_client, totp

NOON = 1_800_000_000.0
DAY = 86_400
pytestmark = [pytest.mark.django_db, pytest.mark.row("E2")]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def new_process():
    seen.forget()


@pytest.fixture
def user(db: None) -> User:
    return person()


@pytest.fixture
def app(user: User) -> App:
    found = App()
    assert found.sign_in(user).status_code == 200
    return found


def all_is_over(app: App, desk: Client, user: User) -> bool:
    """Say whether app and browser are out, no device is listed, and sockets were told once."""
    assert app.me() == 401
    assert app.exchange().status_code == 400
    assert desk.get("/account/devices/").status_code == 302
    assert not Device.objects.filter(user=user, ended_at=None).exists()
    return Event.objects.filter(type="user.sessions_ended", subject=user.public_id).count() == 1


def claims(token: str) -> dict[str, object]:
    found: dict[str, object] = jwt.decode(token, options={"verify_signature": False})
    return found


class TestSigningIn:
    def test_hands_out_a_short_and_a_long_token(self, user) -> None:
        app = App()

        meta = app.sign_in(user).json()["meta"]

        device = Device.objects.get()
        access, refresh = claims(app.access), claims(app.refresh)
        assert meta["expires_in"] == 300
        assert access["exp"] == NOON + 300
        assert refresh["exp"] == NOON + 30 * DAY
        assert {access["sub"], refresh["sub"]} == {user.public_id}
        assert {access["sid"], refresh["sid"]} == {device.public_id}
        assert (device.kind, device.user_agent) == ("app", "Frontdesk/1.0 (Android 17)")
        assert app.me() == 200

    def test_tells_the_public_id_and_no_row_number(self, user) -> None:
        body = App().sign_in(user).json()["data"]["user"]

        assert body == {
            "id": user.public_id,
            "display": str(user),
            "email": user.email,
            "has_usable_password": True,
        }

    def test_sets_no_cookie(self, user) -> None:
        app = App()

        app.sign_in(user)

        assert not app.http.cookies

    def test_asks_for_the_second_factor_first(self, user) -> None:
        otp.enroll_totp(user=user, secret=SECRET)
        app = App()

        first = app.sign_in(user)

        flows = {flow["id"]: flow.get("is_pending") for flow in first.json()["data"]["flows"]}
        assert (first.status_code, flows["mfa_authenticate"]) == (401, True)
        assert app.access == ""
        half = app.session
        for headers in ({"X-Session-Token": half}, {"Authorization": f"Bearer {half}"}):
            assert Client().get("/api/v1/me", headers=headers).status_code == 401
        wrong = app.send("post", f"{API}/auth/2fa/authenticate", {"code": "000000"})
        assert (wrong.status_code, app.access) == (400, "")
        right = app.send("post", f"{API}/auth/2fa/authenticate", {"code": totp(SECRET, NOON)})
        assert right.status_code == 200
        assert app.me() == 200
        assert Client().get("/api/v1/me", headers={"X-Session-Token": half}).status_code == 401

    def test_with_a_wrong_password_hands_out_nothing(self, user) -> None:
        app = App()

        answer = app.send(
            "post", f"{API}/auth/login", {"email": user.email, "password": "wrong" * 4}
        )

        assert (answer.status_code, app.access, Device.objects.count()) == (400, "", 0)

    def test_is_limited_as_on_the_page(self, user) -> None:
        cache.clear()
        body = {"email": user.email, "password": "wrong" * 4}

        found = [App().send("post", f"{API}/auth/login", body).status_code for _ in range(6)]

        assert found[-1] == 429

    @pytest.mark.parametrize(
        "path",
        [
            "/auth/webauthn/login",
            "/auth/webauthn/authenticate",
            "/auth/webauthn/reauthenticate",
            "/account/password/change",
            "/auth/provider/token",
            "/auth/provider/signup",
        ],
    )
    def test_is_limited_at_its_other_doors_too(self, path: str) -> None:
        cache.clear()

        found = [App().send("post", f"{API}{path}", {}).status_code for _ in range(6)]

        assert 429 not in found[:5]
        assert found[-1] == 429

    def test_is_for_apps_alone(self) -> None:
        assert Client().post("/api/auth/browser/v1/auth/login").status_code == 404


class TestAnAccessToken:
    def test_costs_one_statement(self, app) -> None:
        app.me()
        with CaptureQueriesContext(connection) as asked:
            app.me()

        # The token, and what `me` reads.
        assert len(asked.captured_queries) == 2

    def test_runs_out(self, app, clock) -> None:
        clock.move_to(NOON + 301)

        answer = app.send("get", "/api/v1/me")

        assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_TOKEN")
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'

    def test_ends_with_its_device(self, app, user) -> None:
        desk = signed_in_client(user)
        device = Device.objects.get(kind="app")

        desk.delete(f"/api/v1/devices/{device.public_id}")

        assert app.me() == 401
        assert app.exchange().status_code == 400

    def test_ends_with_a_changed_password(self, app, user) -> None:
        user.set_password("an entirely different phrase")
        user.save()

        assert app.me() == 401
        assert app.exchange().status_code == 400

    def test_ends_with_a_locked_account(self, app, user) -> None:
        User.objects.filter(pk=user.pk).update(is_active=False)

        assert app.me() == 401
        assert app.exchange().status_code == 400

    def test_stays_ended_when_the_account_is_unlocked(self, app, user) -> None:
        desk = signed_in_client(user)
        for is_active in (False, True):
            actions.set_user_active(
                user_id=user.pk, is_active=is_active, actor="usr_other", reason="Asked"
            )

        assert all_is_over(app, desk, user)
        assert AuditEntry.objects.filter(action="user.lock").count() == 1

    def test_ends_with_all_sessions_by_staff(self, app, user) -> None:
        desk = signed_in_client(user)

        ended = sign_out.end_sessions(user_id=user.pk, actor="usr_other", reason="Lost phone")

        assert ended == 2
        assert all_is_over(app, desk, user)
        assert AuditEntry.objects.filter(action="user.end_sessions").count() == 1

    def test_ends_with_the_removal_of_second_factors(self, app, user) -> None:
        desk = signed_in_client(user)
        otp.enroll_totp(user=user, secret=SECRET)

        otp.remove_second_factors(user=user, actor="usr_other", reason="Lost phone")

        assert all_is_over(app, desk, user)

    def test_ends_with_signing_out(self, app) -> None:
        assert app.send("delete", f"{API}/auth/session").status_code == 401

        assert app.me() == 401
        assert Device.objects.get().ended_at is not None

    def _forged(self, app: App, **changes: object) -> list[str]:
        found = claims(app.access) | changes
        header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=")
        payload = base64.urlsafe_b64encode(json.dumps(found).encode()).rstrip(b"=")
        # HMAC over the public key is what a careless verifier would accept.
        return [
            jwt.encode(found, new_token_key(), algorithm="RS256"),
            jwt.encode(found, django_settings.SECRET_KEY, algorithm="HS256"),
            f"{header.decode()}.{payload.decode()}.",
            app.access[:-4] + "AAAA",
            "a.b.c",
            "",
            "x" * 5000,
        ]

    def test_is_believed_with_our_signature_only(self, app) -> None:
        for token in self._forged(app):
            answer = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
            assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_TOKEN")

    def test_and_a_refresh_token_do_not_take_each_others_place(self, app) -> None:
        headers = {"Authorization": f"Bearer {app.refresh}"}

        assert Client().get("/api/v1/me", headers=headers).status_code == 401
        assert app.exchange(app.access).status_code == 400
        assert app.me() == 200

    def test_needs_no_csrf_token_and_no_cookie(self, app, user) -> None:
        MembershipFactory(user=user, business__slug="lotus-spa")
        body = {"business": "lotus-spa", "name": "Till", "scopes": ["bookings:read"]}

        assert app.send("post", "/api/v1/api-keys", body).status_code == 201

    def test_asks_for_a_recent_sign_in_where_doors_are_opened(self, app, user, clock) -> None:
        MembershipFactory(user=user, business__slug="lotus-spa")
        body = {"business": "lotus-spa", "name": "Till", "scopes": ["bookings:read"]}
        clock.move_to(NOON + 400)
        app.exchange()

        refused = app.send("post", "/api/v1/api-keys", body)
        proven = app.send("post", f"{API}/auth/reauthenticate", {"password": PASSWORD})
        made = app.send("post", "/api/v1/api-keys", body)

        assert refused.json()["code"] == "REAUTHENTICATION_REQUIRED"
        assert (proven.status_code, made.status_code) == (200, 201)


class TestARefreshToken:
    def test_is_replaced_by_each_use(self, app, clock) -> None:
        old_access, old = app.access, app.refresh
        clock.move_to(NOON + 299)

        answer = app.exchange()

        assert answer.status_code == 200
        assert app.refresh != old
        assert app.access != old_access
        assert app.me() == 200
        assert app.exchange().status_code == 200

    def test_used_twice_ends_the_device_and_raises_an_alert(self, app, user) -> None:
        stolen = app.refresh
        app.exchange()
        thief = App(address="203.0.113.66")

        answer = thief.exchange(stolen)

        assert answer.status_code == 400
        assert app.me() == 401
        assert app.exchange().status_code == 400
        device = Device.objects.get()
        assert (device.session_key, device.refresh_id) == (None, "")
        entry = SecurityEntry.objects.get(kind="token.reused")
        assert (entry.severity, entry.subject) == ("alert", user.public_id)
        assert (entry.address, entry.detail) == ("203.0.113.66", {"device": device.public_id})

    def test_of_one_device_says_nothing_of_another(self, app, user) -> None:
        other = App(agent="Other/1.0")
        other.sign_in(user)
        stolen = app.refresh
        app.exchange()

        app.exchange(stolen)

        assert (app.me(), other.me()) == (401, 200)

    def test_keeps_the_device_signed_in_as_long_as_it_is_used(self, app, clock) -> None:
        for days in (29, 58, 87):
            clock.move_to(NOON + days * DAY)
            assert app.exchange().status_code == 200

        clock.move_to(NOON + 118 * DAY)
        assert app.exchange().status_code == 400

    def test_notes_when_and_where_the_device_was_seen(self, app, clock) -> None:
        clock.move_to(NOON + 600)
        app.address = "203.0.113.9"

        app.exchange()

        device = Device.objects.get()
        assert (device.last_seen_at.timestamp(), device.address) == (NOON + 600, "203.0.113.9")

    @pytest.mark.django_db(transaction=True)
    def test_used_twice_at_a_time_is_accepted_once(self, app) -> None:
        stolen, answers = app.refresh, []
        start = threading.Barrier(2)

        def use() -> None:
            start.wait()
            answers.append(App().exchange(stolen).status_code)
            connection.close()

        threads = [threading.Thread(target=use) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(answers) == [200, 400]
        assert SecurityEntry.objects.filter(kind="token.reused").count() == 1
        assert Device.objects.get().ended_at is not None


class TestTheListOfDevices:
    def test_shows_apps_beside_browsers(self, app, user) -> None:
        signed_in_client(user)

        listed = app.send("get", "/api/v1/devices").json()["data"]

        assert sorted((row["kind"], row["is_this"]) for row in listed) == [
            ("app", True),
            ("browser", False),
        ]

    def test_keeps_this_app_when_all_others_are_ended(self, app, user) -> None:
        desk = signed_in_client(user)

        ended = app.send("delete", "/api/v1/devices")

        assert ended.json() == {"ended": 1}
        assert app.me() == 200
        assert desk.get("/account/devices/").status_code == 302
