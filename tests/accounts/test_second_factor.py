"""The second factor: setting it up, using it once, requiring it, and losing it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from urllib.parse import quote

import httpx
import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import otp
from accounts.models import AuditEntry, Membership, Role, SecondFactor, SecurityEntry, User
from common import throttling
from events import relay
from tests.api.live import serving
from tests.factories.accounts import BusinessFactory
from tests.factories.sign_in import PASSWORD, SECRET, person, superuser, totp, verified_client

NOON = 1_800_000_000.0
STEP = 30


@pytest.fixture(autouse=True)
def own_windows(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "authentication": 100_000}
    throttling.local_windows.clear()
    throttling._silence["until"] = 0.0
    yield
    throttling._silence["until"] = 0.0


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def no_redis(settings):
    nowhere = dict(django_settings.CACHES["default"], LOCATION="redis://127.0.0.1:1/0")
    settings.CACHES = {"default": nowhere}


def with_password(user: User) -> Client:
    """Return a browser that has sent the password and nothing more."""
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def confirmed(user: User) -> Client:
    """Return a signed-in browser whose person has just confirmed their password."""
    client = Client()
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def enter(client: Client, code: str) -> bool:
    """Enter a code after the password; says whether it let the person in."""
    client.post(reverse("mfa_authenticate"), {"code": code})
    return "_auth_user_id" in client.session


def errors(answer) -> list[str]:
    return [error for found in answer.context["form"].errors.values() for error in found]


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


@pytest.mark.row("A7")
@pytest.mark.django_db
class TestOneCode:
    def test_of_the_step_before_counts_too_and_an_older_one_does_not(self, clock) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)

        assert not enter(with_password(user), totp(SECRET, NOON - 2 * STEP))
        assert enter(with_password(user), totp(SECRET, NOON - STEP))

    def test_is_worthless_after_a_later_one(self, clock) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)
        assert enter(with_password(user), totp(SECRET, NOON))

        assert not enter(with_password(user), totp(SECRET, NOON - STEP))

    def test_is_used_up_for_a_step_up_as_well(self, clock) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)
        client = with_password(user)
        enter(client, totp(SECRET, NOON))

        answer = client.post(reverse("mfa_reauthenticate"), {"code": totp(SECRET, NOON)})

        assert errors(answer) == ["Incorrect code."]

    def test_is_used_up_whatever_the_cache_forgot(self, clock) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)
        assert enter(with_password(user), totp(SECRET, NOON))
        cache.clear()

        assert not enter(with_password(user), totp(SECRET, NOON))

    @pytest.mark.parametrize("kind", ["totp", "recovery"])
    def test_may_be_guessed_ten_times_without_redis_too(self, clock, no_redis, kind: str) -> None:
        user = person()
        otp.enroll_totp(user=user, secret=SECRET)
        backup = Authenticator.objects.get(user=user, type="recovery_codes")
        right = totp(SECRET, NOON) if kind == "totp" else backup.wrap().get_unused_codes()[0]
        for _ in range(10):
            assert not enter(with_password(user), "11111111")

        assert not enter(with_password(user), right)
        failed = SecurityEntry.objects.filter(kind="second_factor.failed", subject=user.public_id)
        assert failed.count() == 11


@pytest.mark.service
@pytest.mark.row("A7")
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
class TestOneCodeAtOnce:
    """Over real HTTP, two processes, and no Redis: the row alone decides."""

    def test_lets_one_of_many_in(self) -> None:
        user = person()
        networks = count(1)
        with serving(processes=2, threads=4, REDIS_URL="redis://127.0.0.1:1/0") as site:
            for _ in range(3):
                otp.enroll_totp(user=user, secret=SECRET)
                browsers = [half_way(site, user, next(networks)) for _ in range(8)]
                passed = together(browsers, totp(SECRET, time.time()))
                for browser in browsers:
                    browser.close()
                assert passed == 1


def half_way(site: str, user: User, number: int) -> httpx.Client:
    """Return a browser that has sent the password over HTTP."""
    own = {"X-Forwarded-For": f"203.0.113.{number}"}
    browser = httpx.Client(base_url=site, headers=own, timeout=60)
    send(browser, "/account/auth/login/", login=user.email, password=PASSWORD)
    return browser


def send(browser: httpx.Client, path: str, **form: str) -> httpx.Response:
    browser.get(path)
    token = browser.cookies["frontdesk_csrf"]
    return browser.post(path, data={**form, "csrfmiddlewaretoken": token})


def together(browsers: list[httpx.Client], code: str) -> int:
    """Enter one code in all browsers at once; returns how many it let in."""
    gate = threading.Barrier(len(browsers))
    path = "/account/auth/2fa/authenticate/"
    for browser in browsers:
        browser.get(path)

    def enter_in(browser: httpx.Client) -> bool:
        gate.wait(timeout=30)
        token = browser.cookies["frontdesk_csrf"]
        answer = browser.post(path, data={"code": code, "csrfmiddlewaretoken": token})
        return answer.status_code == 302 and "login" not in answer.headers["Location"]

    with ThreadPoolExecutor(len(browsers)) as pool:
        return sum(pool.map(enter_in, browsers))


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


@pytest.mark.row("A7", "E12")
@pytest.mark.django_db(transaction=True)
class TestLosingIt:
    @pytest.fixture
    def lost(self) -> User:
        user = person("lost@example.test")
        otp.enroll_totp(user=user, secret=SECRET)
        return user

    def helper(self, *permissions: str) -> tuple[User, Client]:
        user = person("helper@example.test", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client = verified_client(user)
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        return user, client

    def press(self, client: Client, user: User, reason: str = "came in with her passport"):
        return client.post(f"/admin/accounts/user/{user.pk}/do/remove-factors/", {"reason": reason})

    def test_staff_with_the_permission_can_help(self, lost: User) -> None:
        there = Client()
        there.force_login(lost)
        helper, client = self.helper("remove_second_factors")

        answer = self.press(client, lost)
        relay.drain_all()

        assert answer.status_code == 302
        assert not Authenticator.objects.filter(user=lost).exists()
        assert there.get(reverse("account_settings")).status_code == 302
        entry = AuditEntry.objects.get(action="user.remove_second_factors")
        assert (entry.actor, entry.subject, entry.reason) == (
            helper.public_id,
            lost.public_id,
            "came in with her passport",
        )
        assert [(m.to, m.subject) for m in mail.outbox] == [
            (["lost@example.test"], "Your second step was removed")
        ]
        assert "_auth_user_id" in with_password(lost).session

    def test_needs_a_reason(self, lost: User) -> None:
        _helper, client = self.helper("remove_second_factors")

        assert self.press(client, lost, reason=" ").status_code == 400
        assert Authenticator.objects.filter(user=lost).exists()

    def test_needs_the_permission(self, lost: User) -> None:
        _helper, client = self.helper("view_user", "change_user")

        assert self.press(client, lost).status_code in {302, 403, 404}
        assert Authenticator.objects.filter(user=lost).exists()

    def test_is_not_for_superusers_accounts(self) -> None:
        boss = superuser()
        otp.enroll_totp(user=boss, secret=SECRET)
        _helper, client = self.helper("remove_second_factors")

        self.press(client, boss)

        assert Authenticator.objects.filter(user=boss).exists()

    def test_shows_helpers_nothing_to_change(self, lost: User) -> None:
        _helper, client = self.helper("remove_second_factors")

        page = client.get(f"/admin/accounts/user/{lost.pk}/change/")

        assert page.status_code == 200
        assert [button.name for button, _url in page.context["buttons"]] == ["remove-factors"]
        locking = client.post(f"/admin/accounts/user/{lost.pk}/do/lock/", {"reason": "x"})
        assert locking.status_code == 403

    def test_is_not_for_oneself(self) -> None:
        helper, client = self.helper("remove_second_factors")

        assert self.press(client, helper).status_code == 400
        assert Authenticator.objects.filter(user=helper).exists()

    def test_asks_the_helper_to_confirm_first(self, lost: User) -> None:
        helper, _client = self.helper("remove_second_factors")
        client = verified_client(helper)

        answer = self.press(client, lost)

        assert answer.headers["Location"].startswith("/account/auth/reauthenticate/?next=")
        assert Authenticator.objects.filter(user=lost).exists()
        # The form sent meanwhile is kept and sent on.
        back = f"/admin/accounts/user/{lost.pk}/do/remove-factors/"
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": back})
        assert not Authenticator.objects.filter(user=lost).exists()


@pytest.mark.row("E12")
@pytest.mark.django_db
class TestRequiredByABusiness:
    @pytest.fixture
    def member(self) -> User:
        user = person()
        business = BusinessFactory(slug="lotus-spa", requires_second_factor=True)
        Membership.objects.create(user=user, business=business, role=Role.MANAGER)
        return user

    def test_leads_members_without_one_to_set_it_up(self, member: User) -> None:
        client = with_password(member)

        home = client.get("/manage/")
        desk = client.get("/manage/lotus-spa/", follow=True)

        assert home.headers["Location"] == "/manage/lotus-spa/"
        assert desk.redirect_chain[-1][0] == reverse("mfa_index")
        assert [str(m) for m in desk.context["messages"]] == [
            "This business asks its members for a second step at sign-in. Set one up first."
        ]

    def test_refuses_them_at_the_api(self, member: User) -> None:
        from tests.factories.bookings import BookingFactory

        booking = BookingFactory(tier__service__business=member.memberships.get().business)
        client = with_password(member)

        answer = client.get(f"/api/v1/bookings/{booking.public_id}")

        assert (answer.status_code, answer.json()["code"]) == (403, "SECOND_FACTOR_REQUIRED")

    def test_lets_members_with_one_work(self, member: User, clock) -> None:
        otp.enroll_totp(user=member, secret=SECRET)
        client = with_password(member)
        enter(client, totp(SECRET, NOON))

        assert client.get("/manage/lotus-spa/").status_code == 200

    def test_leaves_their_other_businesses_open(self, member: User) -> None:
        other = BusinessFactory(slug="baker")
        Membership.objects.create(user=member, business=other, role=Role.MANAGER)

        assert with_password(member).get("/manage/baker/").status_code == 200

    def test_is_turned_on_only_by_somebody_who_has_one(self, clock) -> None:
        owner = person()
        business = BusinessFactory(slug="lotus-spa")
        Membership.objects.create(user=owner, business=business, role=Role.OWNER)
        client = with_password(owner)
        page = client.get("/manage/lotus-spa/profile/")
        form = {**page.context["form"].initial, "requires_second_factor": "on"}

        refused = client.post("/manage/lotus-spa/profile/", form)
        otp.enroll_totp(user=owner, secret=SECRET)
        accepted = client.post("/manage/lotus-spa/profile/", form)

        assert refused.context["form"].non_field_errors() == [
            "Set up your own second step first, then ask your members for theirs."
        ]
        assert accepted.status_code == 302
        business.refresh_from_db()
        assert business.requires_second_factor is True


@pytest.mark.row("E12")
@pytest.mark.django_db
class TestStepUp:
    def add_email(self, client: Client):
        return client.post(
            reverse("account_email"), {"action_add": "", "email": "second@example.test"}
        )

    def emails(self, user: User) -> list[str]:
        return sorted(user.emailaddress_set.values_list("email", flat=True))

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


@pytest.mark.django_db
def test_the_bridge_has_a_device_for_each_factor() -> None:
    user = person()
    factor = otp.enroll_totp(user=user, secret=SECRET)

    assert SecondFactor.objects.get(user=user).authenticator_id == factor.pk
