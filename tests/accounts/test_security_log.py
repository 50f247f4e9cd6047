"""Attempts to sign in, changes to one's own access and refusals are on record."""

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, SecurityEntry
from tests.factories.accounts import BusinessFactory, MembershipFactory, UserFactory
from tests.factories.bookings import NOW, BookingFactory
from tests.factories.sign_in import PASSWORD, person, staff_of, superuser, verified_client

pytestmark = [pytest.mark.django_db, pytest.mark.row("E12")]


@pytest.fixture(autouse=True)
def june():
    """One minute for the whole test: refusals are counted by it."""
    with time_machine.travel(NOW, tick=False):
        yield


def browser() -> Client:
    return Client(REMOTE_ADDR="203.0.113.7")


def sign_in(client: Client, email: str, password: str) -> int:
    return client.post(reverse("account_login"), {"login": email, "password": password}).status_code


class TestSignIn:
    def test_a_failed_one_names_the_account_and_the_address_but_keeps_nothing_typed(self) -> None:
        user = person("tuyet@example.test")

        sign_in(browser(), "tuyet@example.test", "wrong horse battery staple")

        entry = SecurityEntry.objects.get()
        assert (entry.kind, entry.severity) == ("sign_in.failed", "warning")
        assert (entry.subject, entry.address) == (user.public_id, "203.0.113.7")
        assert entry.detail == {"is_known": True}

    def test_one_for_nobody_is_kept_without_the_address_typed(self) -> None:
        sign_in(browser(), "nobody@example.test", PASSWORD)

        entry = SecurityEntry.objects.get()
        assert (entry.kind, entry.subject, entry.detail) == (
            "sign_in.failed",
            "",
            {"is_known": False},
        )

    def test_a_good_one_is_kept_too(self) -> None:
        user = person("tuyet@example.test")

        assert sign_in(browser(), "tuyet@example.test", PASSWORD) == 302

        entry = SecurityEntry.objects.get()
        assert (entry.kind, entry.severity) == ("sign_in.succeeded", "info")
        assert (entry.subject, entry.address) == (user.public_id, "203.0.113.7")

    def test_running_into_the_limit_is_one_entry_a_minute(self, settings) -> None:
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, "authentication": 1}

        statuses = [sign_in(browser(), "nobody@example.test", PASSWORD) for _ in range(4)]

        assert statuses == [200, 429, 429, 429]
        assert SecurityEntry.objects.filter(kind="sign_in.limited").count() == 1


class TestOwnAccess:
    def test_a_new_password_is_on_record(self) -> None:
        user = person("tuyet@example.test")
        client = browser()
        client.force_login(user)

        client.post(
            reverse("account_change_password"),
            {"oldpassword": PASSWORD, "password1": "another horse battery", "password2": ""}
            | {"password2": "another horse battery"},
        )

        entry = AuditEntry.objects.get(action="user.set_password")
        assert (entry.actor, entry.subject) == (user.public_id, user.public_id)
        assert entry.personal is not None
        assert entry.personal["address"] == "203.0.113.7"
        assert "horse" not in str(entry.__dict__)

    def test_a_reset_password_is_on_record(self) -> None:
        user = person("tuyet@example.test")
        client = browser()
        client.post(reverse("account_reset_password"), {"email": user.email})
        body = str(mail.outbox[0].body)
        link = next(word for word in body.split() if "/password/reset/key/" in word)
        page = client.get(link, follow=True)

        client.post(
            page.request["PATH_INFO"],
            {"password1": "another horse battery", "password2": "another horse battery"},
        )

        assert AuditEntry.objects.get(action="user.set_password").subject == user.public_id


class TestRefusals:
    def test_a_page_of_another_business(self) -> None:
        user = MembershipFactory().user
        business = BusinessFactory()
        client = browser()
        client.force_login(user)
        SecurityEntry.objects.all().delete()

        answer = client.get(reverse("manage_today", args=[business.slug]))

        entry = SecurityEntry.objects.get()
        assert (answer.status_code, entry.kind) == (403, "request.refused")
        assert (entry.subject, entry.address) == (user.public_id, "203.0.113.7")
        assert entry.detail == {
            "route": "manage_today",
            "method": "GET",
            "object": business.slug,
        }
        assert entry.request_id == answer["X-Request-ID"]

    def test_the_api(self) -> None:
        booking = BookingFactory(confirmed=True)
        user = UserFactory()
        client = browser()
        client.force_login(user)
        SecurityEntry.objects.all().delete()

        answer = client.get(f"/api/v1/bookings/{booking.public_id}")

        assert answer.status_code == 403
        assert SecurityEntry.objects.get().detail == {
            "route": "api_booking",
            "method": "GET",
            "object": booking.public_id,
        }

    def test_the_admin(self) -> None:
        client = verified_client(staff_of(BusinessFactory()))
        SecurityEntry.objects.all().delete()

        answer = client.get("/admin/accounts/user/")

        assert answer.status_code == 403
        assert SecurityEntry.objects.get().detail["route"] == "admin:accounts_user_changelist"

    def test_the_same_one_many_times_a_minute_is_one_entry(self) -> None:
        business = BusinessFactory()
        client = browser()
        client.force_login(MembershipFactory().user)

        for _ in range(3):
            client.get(reverse("manage_today", args=[business.slug]))

        assert SecurityEntry.objects.filter(kind="request.refused").count() == 1


class TestConsole:
    def test_finds_by_account_address_and_day_within_ones_business(self) -> None:
        mine, theirs = BusinessFactory(), BusinessFactory()
        for business, actor in ((mine, "usr_mine"), (theirs, "usr_theirs")):
            AuditEntry.objects.create(
                actor=actor,
                action="payment.refund",
                business=business.public_id,
                personal={"address": "198.51.100.4"},
            )
        client = verified_client(staff_of(mine))

        def listed(query: str) -> list[str]:
            page = client.get(f"/admin/accounts/auditentry/?q={query}")
            return [row.actor for row in page.context["cl"].result_list]

        assert listed("refund") == ["usr_mine"]
        assert listed("198.51.100.4") == ["usr_mine"]
        assert listed("usr_theirs") == []

    def test_the_page_of_an_entry_shows_from_where(self) -> None:
        client = verified_client(superuser())
        entry = AuditEntry.objects.create(
            actor="usr_1", action="payment.refund", personal={"address": "198.51.100.4"}
        )

        page = client.get(f"/admin/accounts/auditentry/{entry.pk}/change/").content.decode()

        assert "198.51.100.4" in page

    def test_nobody_edits_or_deletes(self) -> None:
        client = verified_client(superuser())
        entry = AuditEntry.objects.create(actor="usr_1", action="payment.refund")
        page = f"/admin/accounts/auditentry/{entry.pk}"

        change = client.post(f"{page}/change/", {"actor": "usr_2"}).status_code
        delete = client.post(f"{page}/delete/", {"post": "yes"}).status_code

        entry.refresh_from_db()
        assert (change, delete, entry.actor) == (403, 403, "usr_1")
