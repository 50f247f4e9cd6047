"""The owner's pages about API keys."""

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import ApiKey, Role
from tests.factories.accounts import BusinessFactory, MembershipFactory, make_key
from tests.factories.sign_in import PASSWORD, person, signed_in_client, staff_of, verified_client

NOON = 1_800_000_000.0
FORM = {"name": "Till", "kind": "live", "scopes": ["bookings:read"], "lives": "90"}
pytestmark = [pytest.mark.django_db, pytest.mark.row("D2")]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def business():
    return BusinessFactory(slug="lotus-spa")


def unix(at: dt.datetime | None) -> float | None:
    return at.timestamp() if at else None


def member(business, role: Role = Role.OWNER) -> Client:
    user = person(f"{role}@example.test")
    MembershipFactory(user=user, business=business, role=role)
    return signed_in_client(user)


def page(name: str, *args: str) -> str:
    return reverse(name, args=["lotus-spa", *args])


class TestMaking:
    def test_shows_the_key_in_that_answer_only(self, business) -> None:
        owner = member(business)
        request_id = owner.get(page("manage_key_new")).context["form"]["request_id"].value()

        made = owner.post(page("manage_key_new"), FORM | {"request_id": request_id})

        secret = re.findall(r"fd_live_[0-9A-Za-z]{36}", made.content.decode())[0]
        assert made.status_code == 201
        assert "no-store" in made.headers["Cache-Control"]
        key = ApiKey.objects.get()
        assert unix(key.expires_at) == NOON + 90 * 86_400
        listed = owner.get(page("manage_keys")).content.decode()
        assert key.shown in listed
        assert secret not in listed

    def test_makes_one_key_of_a_form_sent_twice(self, business) -> None:
        owner = member(business)

        first = owner.post(page("manage_key_new"), FORM | {"request_id": "once"})
        second = owner.post(page("manage_key_new"), FORM | {"request_id": "once"})

        assert (first.status_code, second.status_code) == (201, 400)
        assert ApiKey.objects.count() == 1

    def test_asks_who_it_is_and_goes_on_with_what_was_sent(self, business, clock) -> None:
        owner = member(business)
        clock.move_to(NOON + 301)

        asked = owner.post(page("manage_key_new"), FORM | {"request_id": "x"})
        assert ApiKey.objects.count() == 0
        made = owner.post(asked.headers["Location"], {"password": PASSWORD})

        assert asked.headers["Location"].startswith("/account/auth/reauthenticate/")
        assert made.status_code == 201
        assert ApiKey.objects.get().name == "Till"

    @pytest.mark.parametrize("name", ["name", "scopes", "request_id"])
    def test_says_what_is_missing(self, business, name) -> None:
        form = {key: value for key, value in (FORM | {"request_id": "x"}).items() if key != name}

        answer = member(business).post(page("manage_key_new"), form)

        assert answer.status_code == 400
        assert name in answer.context["form"].errors


class TestReplacingAndRevoking:
    def test_replaces_with_an_overlap(self, business) -> None:
        key, old = make_key(business)

        made = member(business).post(
            page("manage_key_rotate", key.public_id), {"overlap_hours": "24"}
        )

        assert made.status_code == 201
        assert old not in made.content.decode()
        key.refresh_from_db()
        assert unix(key.retires_at) == NOON + 86_400
        assert key.replaced_by.scopes == key.scopes

    def test_says_so_when_it_was_replaced_before(self, business) -> None:
        key, _secret = make_key(business)
        owner, path = member(business), page("manage_key_rotate", key.public_id)
        owner.post(path, {"overlap_hours": "24"})

        assert owner.post(path, {"overlap_hours": "24"}).status_code == 400
        assert ApiKey.objects.count() == 2

    def test_revokes_after_asking(self, business) -> None:
        key, _secret = make_key(business)
        owner, path = member(business), page("manage_key_revoke", key.public_id)

        assert owner.get(path).status_code == 200
        assert ApiKey.objects.get().revoked_at is None
        assert owner.post(path).headers["Location"] == page("manage_keys")
        assert unix(ApiKey.objects.get().revoked_at) == NOON

    def test_touches_no_key_of_another_business(self, business) -> None:
        key, _secret = make_key(BusinessFactory())
        owner = member(business)

        for name in ("manage_key_rotate", "manage_key_revoke"):
            assert owner.post(page(name, key.public_id)).status_code == 403
            assert owner.post(page(name, "key_none")).status_code == 404
        assert ApiKey.objects.get().revoked_at is None


class TestWhoMayOpenThem:
    @pytest.mark.parametrize(
        ("role", "listing", "making"),
        [
            (Role.OWNER, 200, 200),
            (Role.DEVELOPER, 200, 403),
            (Role.AUDITOR, 200, 403),
            (Role.MANAGER, 403, 403),
            (Role.FRONT_DESK, 403, 403),
        ],
    )
    def test_owners_make_and_some_look(self, business, role, listing, making) -> None:
        client = member(business, role)

        assert client.get(page("manage_keys")).status_code == listing
        assert client.get(page("manage_key_new")).status_code == making

    def test_strangers_sign_in_first(self, business) -> None:
        assert Client().get(page("manage_keys")).status_code == 302


class TestTheAdmin:
    def test_shows_own_keys_and_revokes_them_with_a_reason(self, business) -> None:
        key, secret = make_key(business)
        foreign, _secret = make_key(BusinessFactory())
        admin = verified_client(staff_of(business))

        listed = admin.get("/admin/accounts/apikey/")
        shown = admin.get(f"/admin/accounts/apikey/{key.pk}/change/").content.decode()
        press = f"/admin/accounts/apikey/{key.pk}/do/revoke/"
        admin.post(press, {"reason": "left the firm", "confirm": "1"})

        assert [row.pk for row in listed.context["cl"].result_list] == [key.pk]
        assert secret[12:-4] not in shown
        assert key.digest not in shown
        assert admin.get("/admin/accounts/apikey/add/").status_code == 403
        assert admin.get(f"/admin/accounts/apikey/{foreign.pk}/change/").status_code == 403
        key.refresh_from_db()
        assert unix(key.revoked_at) == NOON
