"""Every page of the admin as everybody: rows of one's own businesses, verbs of one's role."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.models import AuditEntry, PlatformMember, Role, User
from accounts.policy import ALL, DESK, MANAGERS, OWNERS, rules
from accounts.team import actions as team
from bookings.models import Booking, Task
from leads import actions as leads
from tests.factories.accounts import MembershipFactory, UserFactory, make_key
from tests.factories.bookings import NOW, BookingFactory, WeeklyRuleFactory
from tests.factories.payments import PaymentFactory
from tests.factories.sign_in import verified_client
from tests.permissions.people import PEOPLE, make_people, with_platform

PEOPLE_OF_ADMIN = tuple(name for name in PEOPLE if name not in {"anonymous", "customer"})


def some(roles: Any) -> frozenset[str]:
    return with_platform(frozenset(role.value for role in roles))


NOBODY = frozenset({"superuser"})
PEOPLE_SEE = some(ALL - {Role.DEVELOPER})
# Who opens the list, and who may add, of each kind; who may open one may see the other.
EXPECTED: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "accounts.ApiKey": (some(OWNERS | {Role.DEVELOPER, Role.AUDITOR}), frozenset()),
    "accounts.Business": (some(ALL), frozenset()),
    "accounts.Contact": (PEOPLE_SEE, some(DESK)),
    "accounts.Invitation": (some(MANAGERS | {Role.AUDITOR}), frozenset()),
    "accounts.Membership": (some(ALL), some(OWNERS)),
    "bookings.Booking": (PEOPLE_SEE, frozenset()),
    "bookings.Task": (PEOPLE_SEE, frozenset()),
    "bookings.Service": (some(ALL), some(MANAGERS)),
    "bookings.Calendar": (some(ALL), some(MANAGERS)),
    "bookings.WeeklyRule": (some(ALL), some(MANAGERS)),
    "payments.Payment": (PEOPLE_SEE, frozenset()),
    "payments.GatewayAccount": (some(OWNERS), frozenset()),
    "leads.Lead": (some(DESK | {Role.SUPPORT, Role.AUDITOR}), frozenset()),
}
# Kinds of the same apps whose lists follow the same rules; their own tests open them.
ALIKE = {
    "bookings.BlockedPeriod",
    "bookings.DateOverride",
    "notifications.BusinessChannel",
    "notifications.Notification",
    "payments.LedgerEntry",
    "payments.Refund",
}
SUPERUSERS_ALONE = {"accounts.User", "accounts.PlatformMember", "accounts.Staff"}
PAGES = {"changelist", "add", "change", "delete", "history", "press"}


@pytest.fixture
def world(db: None) -> tuple[dict[str, Client], dict[str, tuple[Model, Model]]]:
    """Return a browser for everybody, and of each kind an own and a foreign object."""
    booking, foreign = BookingFactory(), BookingFactory()
    people, _contact = make_people(booking.business)
    clients = {
        name: verified_client(user)
        for name, user in people.items()
        if user is not None and name in PEOPLE_OF_ADMIN
    }
    return clients, {item._meta.label: (item, other) for item, other in _pairs(booking, foreign)}


def _pairs(own: Booking, foreign: Booking) -> Iterator[tuple[Model, Model]]:
    made = [_things_of(booking) for booking in (own, foreign)]
    yield from zip(*made, strict=True)


def _things_of(booking: Booking) -> list[Model]:
    business = booking.business
    owner = MembershipFactory(business=business)
    payment = PaymentFactory(business=business, contact=booking.contact)
    return [
        business,
        booking,
        booking.contact,
        booking.service,
        booking.calendar,
        owner,
        payment,
        payment.gateway_account,
        WeeklyRuleFactory(business=business),
        Task.objects.create(business=business, booking=booking, title="Tea", due_at=NOW),
        team.invite(
            business=business, email="new@team.test", role=Role.SUPPORT, inviter=owner.user
        ),
        make_key(business)[0],
        leads.capture_lead(business=business, name="Lan", email="lan@example.test", message="Hi"),
    ]


def _address(item: Any, page: str, *more: Any) -> str:
    meta = item._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=more)


class TestTheTable:
    def test_knows_every_address_of_every_kind(self):
        names = {
            str(name)
            for name in get_resolver("config.urls").namespace_dict["admin"][1].reverse_dict
        }
        kinds = [model._meta for model in admin.site._registry]
        known = {f"{meta.app_label}_{meta.model_name}_{page}" for meta in kinds for page in PAGES}
        ours = {
            name
            for name in names
            if any(name.startswith(f"{m.app_label}_{m.model_name}_") for m in kinds)
        }

        assert ours <= known

    def test_names_every_kind_that_has_a_rule(self):
        registered = {model._meta.label for model in admin.site._registry}
        ruled = {rule.model._meta.label for rule in rules()} & registered

        assert ruled == set(EXPECTED) | ALIKE


@pytest.mark.row("B9", "E3")
@pytest.mark.parametrize("label", list(EXPECTED))
class TestEveryKind:
    def test_lists_and_adds_as_the_table_says(self, world, label):
        clients, things = world
        model = type(things[label][0])
        viewers, adders = EXPECTED[label]

        listed = {
            who
            for who in clients
            if clients[who].get(_address(model, "changelist")).status_code == 200
        }
        added = {
            who for who in clients if clients[who].get(_address(model, "add")).status_code == 200
        }

        # Somebody who owns another business opens the list, which shows theirs alone.
        assert listed - {"other owner"} == viewers
        assert ("other owner" in listed) == ("owner" in viewers)
        assert added - {"other owner"} == adders

    def test_opens_ones_own_refuses_anothers_and_misses_none(self, world, label):
        clients, things = world
        own, foreign = things[label]
        viewers, _adders = EXPECTED[label]
        everywhere = {"superuser"} | {who for who in viewers if who.startswith("platform")}

        def answers(pk: object) -> dict[str, int]:
            return {
                who: client.get(_address(own, "change", pk)).status_code
                for who, client in clients.items()
            }

        assert answers(own.pk) == dict.fromkeys(clients, 403) | dict.fromkeys(viewers, 200)
        assert answers(foreign.pk) == dict.fromkeys(clients, 403) | dict.fromkeys(everywhere, 200)
        assert set(answers(999_999_999).values()) <= {404, 403}
        assert answers(999_999_999)["owner"] == 404

    def test_is_closed_to_whoever_has_not_passed_the_second_factor(self, world, label):
        _clients, things = world
        own, _foreign = things[label]
        for user in (MembershipFactory(user__is_staff=True).user, MembershipFactory().user):
            client = Client()
            client.force_login(User.objects.get(pk=user.pk))

            answer = client.get(_address(own, "change", own.pk))

            assert answer.status_code == 302
            assert answer.headers["Location"].startswith("/admin/login/")


@pytest.mark.row("E3")
class TestSuperusersAlone:
    @pytest.mark.parametrize("label", sorted(SUPERUSERS_ALONE))
    def test_open_kinds_without_a_rule(self, world, label):
        clients, _things = world
        model = next(m for m in admin.site._registry if m._meta.label == label)

        opened = {
            who
            for who in clients
            if clients[who].get(_address(model, "changelist")).status_code == 200
        }

        assert opened == NOBODY


class TestPlatformStaff:
    def test_count_only_while_they_may_open_the_admin(self, world):
        clients, things = world
        own, _foreign = things["bookings.Booking"]
        user = User.objects.get(platform_member__group="support")
        before = clients["platform support"].get(f"/manage/{own.business.slug}/").status_code

        User.objects.filter(pk=user.pk).update(is_staff=False)
        after = clients["platform support"].get(f"/manage/{own.business.slug}/").status_code

        assert (before, after) == (200, 403)

    def test_are_named_by_a_superuser_with_a_record(self, world):
        clients, _things = world
        user = UserFactory(is_staff=True)

        clients["superuser"].post(
            "/admin/accounts/platformmember/add/", {"user": user.pk, "group": "finance"}
        )
        refused = clients["owner"].post(
            "/admin/accounts/platformmember/add/", {"user": user.pk, "group": "finance"}
        )

        assert PlatformMember.objects.get(user=user).group == "finance"
        assert refused.status_code == 403
        assert AuditEntry.objects.filter(action="platformmember.add").count() == 1
