"""Every page of the site as everybody: who comes in, who is refused, who is asked to sign in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import BusinessSetup, Invitation, Role, User
from accounts.policy import ALL, DESK, MANAGERS, MONEY, OWNERS
from accounts.team import actions as team
from bookings import actions as bookings
from bookings.actions import BOOKING_PAYABLE
from bookings.models import BlockedPeriod, Task
from payments import provider_calls
from tests.factories.accounts import MembershipFactory, make_key
from tests.factories.bookings import NOW, at, make_shop
from tests.factories.payments import GatewayAccountFactory, PaymentFactory
from tests.permissions.people import PEOPLE, make_people, with_platform

# Addresses of libraries and of doors with a matrix of their own.
ELSEWHERE = ("api/", "admin/", "account/auth/", "(?:api/)?webhooks/")
OPEN = {
    "home",
    "business",
    "service",
    "booking_details",
    "guest_link",
    "invitation",
    "accent_stylesheet",
    "set_language",
    "terms",
    "privacy",
    "styleguide",
    "health",
    "health_db",
    "health_redis",
    "health_broker",
}
# Pages of a copy for trying out: its mails, and the provider that takes play money.
TRYING_OUT = {"inbox", "inbox_mail", "inbox_html", "inbox_file", "sandbox_page"}
SIGNED_IN = {
    "account_data",
    "account_devices",
    "account_home",
    "account_settings",
    "account_welcome",
    "manage_home",
    "setup",
    "setup_address",
}
# What one does to one's own data and devices; their own tests try it on another's.
ONESELF = {
    "account_device_end",
    "account_devices_end_others",
    "account_erase",
    "account_export",
    "account_export_file",
}


def some(roles: Any, *more: str) -> frozenset[str]:
    return with_platform(frozenset(role.value for role in roles)) | set(more)


BOOK = some(ALL - {Role.DEVELOPER})
WORK = some(DESK | {Role.SUPPORT})
OWN = some(OWNERS)
MANAGE = some(MANAGERS)
ANY = some(ALL)
MEMBERS = frozenset(role.value for role in ALL)
# Who comes in, by route and method.
EXPECTED: dict[tuple[str, str], frozenset[str]] = {
    ("manage_today", "get"): BOOK,
    ("manage_week", "get"): BOOK,
    ("manage_bookings", "get"): BOOK,
    ("manage_services", "get"): ANY,
    ("manage_service_new", "get"): MANAGE,
    ("manage_service_new", "post"): MANAGE,
    ("manage_service", "get"): MANAGE,
    ("manage_service", "post"): MANAGE,
    ("manage_hours", "get"): MANAGE,
    ("manage_hours", "post"): MANAGE,
    ("manage_days_off", "post"): MANAGE,
    ("manage_days_off_remove", "post"): MANAGE,
    ("manage_payments", "get"): BOOK,
    ("manage_profile", "get"): MANAGE,
    ("manage_profile", "post"): MANAGE,
    ("manage_team", "get"): ANY,
    ("manage_invite", "post"): OWN,
    ("manage_invitation_resend", "post"): OWN,
    ("manage_invitation_cancel", "post"): OWN,
    ("manage_member_role", "post"): OWN,
    ("manage_member_remove", "post"): OWN,
    ("manage_hand_over", "post"): OWN,
    ("manage_leave", "post"): MEMBERS,
    ("manage_keys", "get"): some(OWNERS | {Role.DEVELOPER, Role.AUDITOR}),
    # Those who may are asked to confirm who they are first.
    ("manage_key_new", "get"): OWN,
    ("manage_key_new", "post"): OWN,
    ("manage_key_rotate", "get"): OWN,
    ("manage_key_rotate", "post"): OWN,
    ("manage_key_revoke", "get"): OWN,
    ("manage_key_revoke", "post"): OWN,
    ("manage_booking", "get"): BOOK,
    ("manage_step", "post"): some(DESK),
    ("manage_refund", "post"): some(MONEY),
    ("manage_task_done", "post"): WORK,
    ("setup_resume", "get"): MANAGE,
    ("setup_finish", "get"): MANAGE,
    ("setup_open", "post"): MANAGE,
    ("setup_step", "get"): MANAGE,
    ("setup_step", "post"): MANAGE,
    ("booking", "get"): BOOK | {"customer"},
    ("booking_calendar_file", "get"): BOOK | {"customer"},
    ("booking_cancel", "get"): some(DESK, "customer"),
    ("booking_cancel", "post"): some(DESK, "customer"),
    ("booking_reschedule", "get"): some(DESK, "customer"),
    ("booking_reschedule", "post"): some(DESK, "customer"),
    ("booking_messages", "get"): some(DESK | {Role.SUPPORT}, "customer"),
    ("booking_messages", "post"): some(DESK | {Role.SUPPORT}, "customer"),
    ("booking_pay", "post"): some(DESK, "customer"),
}
# Whose place it is: nobody else has one to give up.
NO_PLACE = {"manage_leave"}
MISSING = {
    "slug": "nobody",
    "booking_id": "bkg_00000000000000000000000000",
    "user_id": "usr_00000000000000000000000000",
    "invitation_id": "inv_00000000000000000000000000",
    "key_id": "key_00000000000000000000000000",
}


def _walk(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for item in patterns:
        path = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from _walk(item.url_patterns, path)
        elif isinstance(item, URLPattern):
            yield str(item.name), path.lstrip("^")


@dataclass
class World:
    kwargs: dict[str, dict[str, str]]
    bodies: dict[str, dict[str, str]]
    people: dict[str, User | None] = field(default_factory=dict)

    def ask(self, who: str, name: str, method: str, **changed: str) -> str:
        """Send the request and say what came of it; whatever it did is undone."""
        client = Client(raise_request_exception=True)
        user = self.people[who]
        if user is not None:
            client.force_login(User.objects.get(pk=user.pk))
        address = reverse(name, kwargs=self.kwargs[name] | changed)
        with transaction.atomic():
            answer = getattr(client, method)(address, self.bodies.get(name, {}))
            transaction.set_rollback(True)
        if answer.status_code == 302 and "/auth/login/" in answer.headers["Location"]:
            return "sign in"
        return {403: "refused", 404: "missing"}.get(answer.status_code, "in")


@pytest.fixture
def world(db, monkeypatch, settings) -> Iterator[World]:
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 1_000_000)
    # Each request runs in a transaction that is undone; the sandbox calls nobody.
    monkeypatch.setattr(provider_calls, "_require_no_transaction", lambda: None)
    with time_machine.travel(NOW, tick=False):
        tier = make_shop()
        business = tier.service.business
        people, contact = make_people(business)
        owner = people["owner"]
        assert owner is not None
        account = GatewayAccountFactory(business=business)
        booking = bookings.create_booking(
            tier_id=tier.public_id, starts_at=at(9), customer=contact, now=NOW
        )
        payment = PaymentFactory(
            paid=True,
            business=business,
            contact=contact,
            gateway_account=account,
            payable_type=BOOKING_PAYABLE.type,
            payable_id=booking.public_id,
            purpose="balance",
        )
        task = Task.objects.create(business=business, booking=booking, title="Tea", due_at=NOW)
        block = BlockedPeriod.objects.create(
            business=business, first_date=NOW.date(), last_date=NOW.date()
        )
        invitation = team.invite(
            business=business, email="new@team.test", role=Role.SUPPORT, inviter=owner
        )
        Invitation.objects.update(sent_at=at(0).replace(year=2027))
        BusinessSetup.objects.create(business=business, done_steps=["name"])
        clerk = MembershipFactory(business=business, role=Role.MANAGER).user
        desk = {"slug": business.slug}
        one = {"booking_id": booking.public_id}
        kwargs = {
            name: one if name.startswith("booking") else desk for name, _method in EXPECTED
        } | {
            "manage_booking": one,
            "manage_refund": one,
            "manage_step": one | {"name": "cancel"},
            "manage_task_done": one | {"task_id": task.public_id},
            "manage_service": desk | {"service_id": tier.service.public_id},
            "manage_days_off_remove": desk | {"block_id": block.public_id},
            "setup_step": desk | {"step": "place"},
        }
        for name in ("manage_invitation_resend", "manage_invitation_cancel"):
            kwargs[name] = desk | {"invitation_id": invitation.public_id}
        for name in ("manage_member_role", "manage_member_remove", "manage_hand_over"):
            kwargs[name] = desk | {"user_id": clerk.public_id}
        key, _secret = make_key(business)
        for name in ("manage_key_rotate", "manage_key_revoke"):
            kwargs[name] = desk | {"key_id": key.public_id}
        bodies = {
            "manage_refund": {"payment": payment.public_id},
            "manage_member_role": {"role": "support"},
            "booking_messages": {"body": "Hello"},
            "booking_reschedule": {"starts_at": at(11).isoformat()},
        }
        yield World(kwargs, bodies, people)


class TestTheTable:
    def test_knows_every_page_of_the_site(self):
        found = {
            name
            for name, path in _walk(get_resolver().url_patterns)
            if not path.startswith(ELSEWHERE)
        }
        known = OPEN | SIGNED_IN | ONESELF | TRYING_OUT | {name for name, _method in EXPECTED}

        assert found == known


@pytest.mark.row("B9", "E3")
class TestEveryPage:
    @pytest.mark.parametrize(("name", "method"), list(EXPECTED))
    def test_lets_in_whom_the_table_names_and_nobody_else(self, world, name, method):
        found = {who: world.ask(who, name, method) for who in PEOPLE}

        outside = "missing" if name in NO_PLACE else "refused"
        expected = dict.fromkeys(PEOPLE, "refused")
        expected |= dict.fromkeys(ANY, outside)
        expected |= dict.fromkeys(EXPECTED[name, method], "in")
        assert found == expected | {"anonymous": "sign in"}

    @pytest.mark.parametrize(("name", "method"), list(EXPECTED))
    def test_says_that_a_missing_object_is_missing(self, world, name, method):
        for part in set(world.kwargs[name]) & set(MISSING):
            found = {
                who: world.ask(who, name, method, **{part: MISSING[part]})
                for who in ("owner", "superuser")
            }

            assert found == {"owner": "missing", "superuser": "missing"}, part

    @pytest.mark.parametrize("name", sorted(SIGNED_IN))
    def test_about_oneself_asks_strangers_to_sign_in_and_lets_everybody_else_in(self, world, name):
        world.kwargs[name] = {}

        found = {who: world.ask(who, name, "get") for who in PEOPLE}

        assert found == dict.fromkeys(PEOPLE, "in") | {"anonymous": "sign in"}
