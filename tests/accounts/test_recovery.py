"""Losing the second factor, and businesses that require it."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import otp
from accounts.models import AuditEntry, Membership, Role, User
from events import relay
from tests.accounts.conftest import NOON
from tests.factories.accounts import BusinessFactory
from tests.factories.sign_in import (
    PASSWORD,
    SECRET,
    enter,
    person,
    superuser,
    totp,
    verified_client,
    with_password,
)

pytestmark = pytest.mark.usefixtures("own_windows")


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
