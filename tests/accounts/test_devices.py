"""Where an account is signed in, through the real pages."""

import re

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import otp
from accounts.devices import seen
from accounts.devices.actions import prune_devices
from accounts.models import AuditEntry, Device, SecurityEntry, User
from events import relay
from tests.factories.sign_in import PASSWORD, SECRET, person, totp

NOON = 1_800_000_000.0
DAY = 86_400
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1"
DEVICES = "/account/devices/"
pytestmark = [pytest.mark.django_db, pytest.mark.row("A9", "E2")]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def new_process():
    seen.forget()


@pytest.fixture
def user(db: None) -> User:
    return person(full_name="Tuyết")


def browser(agent: str = FIREFOX, address: str = "198.51.100.7") -> Client:
    return Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)


def sign_in(client: Client, user: User, **more: str) -> Client:
    answer = client.post(
        reverse("account_login"), {"login": user.email, "password": PASSWORD, **more}
    )
    assert answer.status_code == 302
    return client


def signed_in(user: User, agent: str = FIREFOX, address: str = "198.51.100.7") -> Client:
    return sign_in(browser(agent, address), user)


def is_in(client: Client) -> bool:
    return bool(client.get(DEVICES).status_code == 200)


class TestASession:
    @pytest.mark.parametrize(("tick", "days"), [({}, 7), ({"remember": "on"}, 30)])
    def test_lives_seven_days_or_thirty(self, user, clock, tick, days) -> None:
        client = sign_in(browser(), user, **tick)

        cookie = client.cookies["frontdesk_session"]
        assert cookie["max-age"] == days * DAY
        assert cookie["httponly"] is True
        assert cookie["samesite"] == "Lax"
        clock.move_to(NOON + days * DAY - 1)
        assert is_in(client)
        clock.move_to(NOON + days * DAY + 1)
        assert not is_in(client)

    def test_lives_as_long_after_a_second_factor(self, user) -> None:
        otp.enroll_totp(user=user, secret=SECRET)
        client = sign_in(browser(), user, remember="on")
        client.post(reverse("mfa_authenticate"), {"code": totp(SECRET, NOON)})

        assert client.cookies["frontdesk_session"]["max-age"] == 30 * DAY
        assert is_in(client)

    def test_is_recorded_only_when_the_sign_in_is_complete(self, user) -> None:
        otp.enroll_totp(user=user, secret=SECRET)
        client = sign_in(browser(), user)
        assert Device.objects.count() == 0

        client.post(reverse("mfa_authenticate"), {"code": totp(SECRET, NOON)})

        device = Device.objects.get()
        assert (device.user, device.address, device.kind) == (user, "198.51.100.7", "browser")
        assert device.user_agent == FIREFOX
        assert device.session_key == client.session.session_key

    def test_believes_a_forwarded_address_from_a_proxy_only(self, user, settings) -> None:
        client = browser(address="10.0.0.1")
        client.defaults["HTTP_X_FORWARDED_FOR"] = "203.0.113.9"
        sign_in(client, user)
        assert Device.objects.get().address == "10.0.0.1"

        settings.TRUSTED_PROXIES = ["10.0.0.1"]
        sign_in(Client(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9"), user)
        assert Device.objects.latest("pk").address == "203.0.113.9"

    def test_costs_no_statement_while_it_was_seen_lately(self, user, clock) -> None:
        client = signed_in(user)
        client.get("/account/settings/")
        with CaptureQueriesContext(connection) as lately:
            client.get("/account/settings/")
        clock.move_to(NOON + 301)
        with CaptureQueriesContext(connection) as later:
            client.get("/account/settings/")

        def about(asked: CaptureQueriesContext) -> int:
            return sum("accounts_device" in query["sql"] for query in asked.captured_queries)

        assert (about(lately), about(later)) == (0, 1)
        assert Device.objects.get().last_seen_at.timestamp() == NOON + 301

    def test_of_a_guest_is_none_of_its_business(self) -> None:
        with CaptureQueriesContext(connection) as asked:
            Client().get("/api/v1/businesses")

        assert not any(
            "device" in q["sql"] or "session" in q["sql"] for q in asked.captured_queries
        )


class TestTheList:
    def test_names_devices_and_marks_this_one(self, user) -> None:
        phone = signed_in(user, SAFARI, "203.0.113.9")
        signed_in(user)

        page = phone.get(DEVICES)

        rows = page.context["rows"]
        assert [(row["name"], row["is_this"]) for row in rows] == [
            ("Safari, iPhone", True),
            ("Firefox, Windows", False),
        ]
        assert "203.0.113.9" in page.content.decode()

    def test_leaves_out_sessions_that_ran_out_and_other_peoples(self, user, clock) -> None:
        signed_in(user)
        signed_in(person("other@example.test"))
        clock.move_to(NOON + 8 * DAY)
        client = signed_in(user, SAFARI)

        assert [row["name"] for row in client.get(DEVICES).context["rows"]] == ["Safari, iPhone"]

    def test_is_for_people_who_signed_in(self) -> None:
        assert Client().get(DEVICES).status_code == 302
        assert Client().post(f"{DEVICES}others/end/").status_code == 302

    def test_escapes_what_a_program_calls_itself(self, user) -> None:
        client = signed_in(user, "<script>alert(1)</script>")

        assert "<script>alert" not in client.get(DEVICES).content.decode()


class TestSigningOut:
    def test_one_device_ends_its_session_at_once(self, user) -> None:
        phone, desk = signed_in(user, SAFARI), signed_in(user)
        lost = Device.objects.get(user_agent=SAFARI)

        answer = desk.post(f"{DEVICES}{lost.public_id}/end/")

        assert answer.headers["Location"] == DEVICES
        assert (is_in(phone), is_in(desk)) == (False, True)
        lost.refresh_from_db()
        assert (lost.ended_at, lost.session_key) == (timezone.now(), None)
        entry = AuditEntry.objects.get(action="device.end")
        assert (entry.actor, entry.after) == (user.public_id, {"devices": lost.public_id})

    def test_all_others_leaves_this_one(self, user) -> None:
        others = [signed_in(user, SAFARI), signed_in(user)]
        bystander = signed_in(person("other@example.test"))
        desk = signed_in(user)

        desk.post(f"{DEVICES}others/end/")

        assert [is_in(client) for client in (*others, desk, bystander)] == [
            False,
            False,
            True,
            True,
        ]

    def test_touches_nobody_elses_device(self, user) -> None:
        other = signed_in(person("other@example.test"))
        desk = signed_in(user)
        theirs = Device.objects.exclude(user=user).get()

        refused = desk.post(f"{DEVICES}{theirs.public_id}/end/")
        missing = desk.post(f"{DEVICES}dev_none/end/")

        assert (refused.status_code, missing.status_code) == (403, 404)
        assert is_in(other)

    def test_this_device_is_signing_out(self, user) -> None:
        desk = signed_in(user)

        desk.post(f"{DEVICES}{Device.objects.get().public_id}/end/")

        assert not is_in(desk)

    def test_on_the_page_ends_the_device_too(self, user) -> None:
        desk = signed_in(user)
        desk.post(reverse("account_logout"))

        assert Device.objects.get().ended_at is not None

    def test_follows_a_changed_password_everywhere_else(self, user) -> None:
        phone, desk = signed_in(user, SAFARI), signed_in(user)
        new = "an entirely different phrase"

        desk.post(
            reverse("account_change_password"),
            {"oldpassword": PASSWORD, "password1": new, "password2": new},
        )

        assert (is_in(phone), is_in(desk)) == (False, True)
        rows = desk.get(DEVICES).context["rows"]
        assert [(row["name"], row["is_this"]) for row in rows] == [("Firefox, Windows", True)]


@pytest.mark.django_db(transaction=True)
class TestTheMail:
    def _mails(self) -> list[str]:
        mail.outbox.clear()
        relay.drain_all()
        return [f"{message.to[0]}: {message.subject}" for message in mail.outbox]

    def test_goes_out_for_a_device_the_account_has_not_seen(self, user) -> None:
        signed_in(user)
        assert self._mails() == []

        signed_in(user, SAFARI, "203.0.113.9")

        assert self._mails() == ["tuyet@example.test: New sign-in to your account"]
        text = str(mail.outbox[0].body)
        assert "Safari, iPhone" in text
        assert "203.0.113.9" in text
        assert "http://127.0.0.1:8000/account/devices/" in text
        entry = SecurityEntry.objects.get(kind="device.new")
        assert (entry.subject, entry.address) == (user.public_id, "203.0.113.9")

    def test_does_not_for_a_browser_that_keeps_its_cookie(self, user, clock) -> None:
        signed_in(user, SAFARI)
        client = signed_in(user)
        self._mails()
        client.post(reverse("account_logout"))
        client.defaults["REMOTE_ADDR"] = "192.0.2.44"
        clock.move_to(NOON + 100 * DAY)

        sign_in(client, user)

        assert self._mails() == []
        cookie = client.cookies["frontdesk_device"]
        assert (cookie["httponly"], cookie["max-age"]) == (True, 400 * DAY)

    def test_takes_no_cookie_of_the_callers_own_making(self, user) -> None:
        signed_in(user)
        client = browser()
        client.cookies["frontdesk_device"] = "x"

        sign_in(client, user)

        assert re.fullmatch(r"[A-Za-z0-9_-]{32}", client.cookies["frontdesk_device"].value)
        assert len(self._mails()) == 1

    def test_is_in_the_accounts_language(self, user) -> None:
        User.objects.update(locale="vi")
        signed_in(user)
        signed_in(user, SAFARI)

        assert self._mails() == ["tuyet@example.test: Tài khoản của bạn vừa được đăng nhập"]


class TestTheAdminsDoor:
    @pytest.fixture
    def staff(self, db: None) -> Client:
        user = person(is_staff=True, is_superuser=True)
        otp.enroll_totp(user=user, secret=SECRET)
        client = sign_in(browser(), user)
        client.post(reverse("mfa_authenticate"), {"code": totp(SECRET, NOON)})
        return client

    def test_closes_after_thirty_idle_minutes(self, staff, clock) -> None:
        assert staff.get("/admin/").status_code == 200

        clock.move_to(NOON + 30 * 60 + 1)
        answer = staff.get("/admin/")

        assert answer.status_code == 302
        assert "_auth_user_id" not in staff.session
        assert Device.objects.get().ended_at is not None

    def test_stays_open_to_who_works(self, staff, clock) -> None:
        for minutes in (29, 58, 87):
            clock.move_to(NOON + minutes * 60)
            assert staff.get("/admin/").status_code == 200

    def test_is_not_held_open_by_pages_that_read_by_themselves(self, staff, clock) -> None:
        clock.move_to(NOON + 29 * 60)
        staff.get("/account/", headers={"HX-Request": "true"})
        staff.get("/api/v1/me")
        clock.move_to(NOON + 31 * 60)

        assert staff.get("/admin/").status_code == 302

    def test_leaves_the_session_of_customers_alone(self, user, clock) -> None:
        client = signed_in(user)
        clock.move_to(NOON + 2 * 3600)

        assert is_in(client)


class TestTheCountry:
    def test_is_blank_without_a_file(self, user) -> None:
        signed_in(user)

        assert Device.objects.get().country == ""

    def test_is_blank_and_the_sign_in_works_with_a_broken_file(
        self, user, settings, tmp_path
    ) -> None:
        broken = tmp_path / "broken.mmdb"
        broken.write_bytes(b"nothing of the kind")
        settings.GEOIP_DATABASE = str(broken)

        assert is_in(signed_in(user))
        assert Device.objects.get().country == ""


class TestForgetting:
    def test_takes_what_is_personal_after_90_days_and_the_rest_after_400(self, user, clock) -> None:
        signed_in(user)

        clock.move_to(NOON + 91 * DAY)
        assert prune_devices(now=timezone.now()) == 1
        device = Device.objects.get()
        assert (device.address, device.user_agent) == (None, "")
        assert device.client_digest != ""
        assert prune_devices(now=timezone.now()) == 0

        clock.move_to(NOON + 401 * DAY)
        assert prune_devices(now=timezone.now()) == 1
        assert Device.objects.count() == 0


class TestTheApi:
    def test_lists_and_ends_devices(self, user) -> None:
        phone, desk = signed_in(user, SAFARI), signed_in(user)

        listed = desk.get("/api/v1/devices").json()["data"]
        assert sorted((row["name"], row["is_this"]) for row in listed) == [
            ("Firefox, Windows", True),
            ("Safari, iPhone", False),
        ]
        other = next(row["id"] for row in listed if not row["is_this"])
        ended = desk.delete(f"/api/v1/devices/{other}")
        again = desk.delete(f"/api/v1/devices/{other}")

        assert (ended.json(), again.json()) == ({"ended": 1}, {"ended": 0})
        assert not is_in(phone)

    def test_ends_all_others(self, user) -> None:
        phone, desk = signed_in(user, SAFARI), signed_in(user)

        assert desk.delete("/api/v1/devices").json() == {"ended": 1}
        assert (is_in(phone), is_in(desk)) == (False, True)

    def test_is_told_nothing_of_others(self, user) -> None:
        signed_in(user)
        other = signed_in(person("other@example.test"))

        assert len(other.get("/api/v1/devices").json()["data"]) == 1
