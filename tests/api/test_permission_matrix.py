"""Every route as everybody: what may be opened, and what answers 401, 403 and 404."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.links import guest_token
from accounts.models import ApiKey, Contact, Device, Invitation, Role, User
from accounts.team import actions as team
from accounts.team import tokens as invitation_tokens
from bookings import actions as booking_actions
from bookings.models import Booking, Tier
from payments import provider_calls
from payments.models import Payment, Refund
from tests.api.conftest import Caller, signed_in, wish
from tests.api.routes import api_routes
from tests.factories.accounts import (
    BusinessFactory,
    ContactFactory,
    MembershipFactory,
    UserFactory,
    make_key,
)
from tests.factories.apps import token_of
from tests.factories.bookings import NOW, at, make_shop
from tests.factories.payments import GatewayAccountFactory, PaymentFactory
from tests.factories.sign_in import person

PEOPLE = (
    "anonymous",
    "guest",
    "other guest",
    "customer",
    "customer's app",
    "other customer",
    "owner",
    "other owner",
    "front desk",
    "finance",
    "auditor",
    "key",
    "other key",
    "key without scopes",
)
EVERYBODY = dict.fromkeys(PEOPLE, 200)
MADE = dict.fromkeys(PEOPLE, 201)
NOBODY = dict.fromkeys(PEOPLE, 404)
SIGNED_IN = EVERYBODY | {"anonymous": 401, "guest": 401, "other guest": 401}
STRANGERS = {
    "anonymous": 401,
    "other guest": 403,
    "other customer": 403,
    "other owner": 403,
    "other key": 403,
    "key without scopes": 403,
}
NO_KEYS = {"key": 403, "other key": 403, "key without scopes": 403}
SCOPED = {"key without scopes": 403}
VIEW = EVERYBODY | STRANGERS
CHANGE = VIEW | {"finance": 403, "auditor": 403}
CREATE = MADE | {"other key": 403, "key without scopes": 403}
REFUSED = dict.fromkeys(PEOPLE, 403) | {"anonymous": 401, "guest": 401, "other guest": 401}
PAY = MADE | {name: status for name, status in CHANGE.items() if status != 200}
REFUND = dict.fromkeys(PEOPLE, 403) | {
    "anonymous": 401,
    "guest": 401,
    "other guest": 401,
    "owner": 201,
    "finance": 201,
    "key": 201,
}

MEMBERS = (
    SIGNED_IN
    | NO_KEYS
    | {"customer": 403, "customer's app": 403, "other customer": 403, "other owner": 403}
)
OWNERS = {
    name: 200 if name == "owner" else 401 if status == 401 else 403
    for name, status in MEMBERS.items()
}

# What everybody gets for an object of the first business, by route and method.
EXPECTED: dict[tuple[str, str], dict[str, int]] = {
    ("api_schema", "GET"): EVERYBODY,
    ("api_docs", "GET"): EVERYBODY,
    ("api_not_found", "GET"): NOBODY,
    ("api_short_not_found", "GET"): NOBODY,
    ("api_businesses", "GET"): EVERYBODY,
    ("api_business", "GET"): EVERYBODY,
    ("api_services", "GET"): EVERYBODY,
    ("api_service", "GET"): EVERYBODY,
    ("api_availability", "GET"): EVERYBODY,
    ("api_short_availability", "GET"): EVERYBODY,
    ("api_me", "GET"): SIGNED_IN | NO_KEYS,
    ("api_bookings", "GET"): SIGNED_IN | SCOPED,
    ("api_bookings", "POST"): CREATE,
    ("api_short_bookings", "POST"): CREATE,
    ("api_booking", "GET"): VIEW,
    ("api_booking", "PATCH"): CHANGE,
    ("api_short_booking", "GET"): VIEW,
    ("api_short_booking", "PATCH"): CHANGE,
    ("api_booking_cancel", "POST"): CHANGE,
    ("api_booking_reschedule", "POST"): CHANGE,
    ("api_payments", "GET"): SIGNED_IN | SCOPED,
    ("api_payments", "POST"): PAY,
    ("api_short_payment_intent", "POST"): PAY,
    ("api_short_payment_create", "POST"): PAY,
    ("api_payment", "GET"): VIEW,
    ("api_refunds", "POST"): REFUND,
    ("api_refund", "GET"): VIEW,
    ("api_members", "GET"): MEMBERS,
    ("api_member", "PATCH"): OWNERS,
    ("api_member", "DELETE"): OWNERS,
    ("api_owner", "POST"): OWNERS,
    ("api_invitations", "GET"): OWNERS | {"auditor": 200},
    ("api_invitations", "POST"): OWNERS | {"owner": 201},
    ("api_invitation", "DELETE"): OWNERS,
    ("api_invitation_resend", "POST"): OWNERS,
    # The invited address is the customer's.
    ("api_invitation_accept", "POST"): OWNERS
    | {"owner": 403, "customer": 200, "customer's app": 200},
    ("api_keys", "GET"): SIGNED_IN | NO_KEYS,
    ("api_devices", "GET"): SIGNED_IN | NO_KEYS,
    ("api_devices", "DELETE"): SIGNED_IN | NO_KEYS,
    ("api_device", "DELETE"): REFUSED | {"customer": 200, "customer's app": 200},
    # Nobody here has signed in just now: an owner is asked to, and everybody else is refused.
    ("api_keys", "POST"): REFUSED,
    ("api_key_rotate", "POST"): REFUSED,
    ("api_key_revoke", "POST"): REFUSED,
}
# Routes of members that name an object which may be missing.
MEMBER_OBJECTS = {
    ("get", "businesses/nobody/members"),
    ("get", "businesses/nobody/invitations"),
    ("patch", "businesses/nobody/members/usr_00000000000000000000000000"),
    ("delete", "businesses/nobody/members/usr_00000000000000000000000000"),
    ("post", "businesses/nobody/owner"),
    ("delete", "invitations/inv_00000000000000000000000000"),
    ("post", "invitations/inv_00000000000000000000000000/resend"),
}
# Routes that name an object which may be missing.
OBJECTS = {
    "api_business": "businesses/nobody",
    "api_services": "businesses/nobody/services",
    "api_service": "businesses/nobody/services/none",
    "api_booking": "bookings/bkg_00000000000000000000000000",
    "api_booking_cancel": "bookings/bkg_00000000000000000000000000/cancel",
    "api_booking_reschedule": "bookings/bkg_00000000000000000000000000/reschedule",
    "api_payment": "payments/pay_00000000000000000000000000",
    "api_refund": "refunds/rfn_00000000000000000000000000",
}
# The same, open to people who signed in only.
OWN_OBJECTS = {
    "api_key_rotate": "api-keys/key_00000000000000000000000000/rotate",
    "api_key_revoke": "api-keys/key_00000000000000000000000000/revoke",
    "api_device": "devices/dev_00000000000000000000000000",
}


@dataclass
class World:
    tier: Tier
    booking: Booking
    paid: Payment
    refund: Refund
    invitation: Invitation
    clerk: User
    key: ApiKey
    device: str
    people: dict[str, Caller] = field(default_factory=dict)

    def request(self, name: str) -> tuple[str, Any]:
        """The path and body that ask for the first business's object."""
        slug, booking = self.tier.service.business.slug, self.booking.public_id
        tier = f"?tier={self.tier.public_id}"
        move = {"starts_at": at(15).isoformat()}
        pay = {"booking": booking}
        return {
            "api_schema": ("/api/schema", None),
            "api_docs": ("/api/docs", None),
            "api_not_found": ("/api/v1/nothing", None),
            "api_short_not_found": ("/api/nothing", None),
            "api_businesses": ("/api/v1/businesses", None),
            "api_business": (f"/api/v1/businesses/{slug}", None),
            "api_services": (f"/api/v1/businesses/{slug}/services", None),
            "api_service": (
                f"/api/v1/businesses/{slug}/services/{self.tier.service.slug}",
                None,
            ),
            "api_availability": (f"/api/v1/businesses/{slug}/availability{tier}", None),
            "api_short_availability": (f"/api/availability/{slug}{tier}", None),
            "api_me": ("/api/v1/me", None),
            "api_bookings": ("/api/v1/bookings", wish(self.tier, starts_at=at(14).isoformat())),
            "api_short_bookings": ("/api/bookings", wish(self.tier, starts_at=at(14).isoformat())),
            "api_booking": (f"/api/v1/bookings/{booking}", move),
            "api_short_booking": (f"/api/bookings/{booking}", move),
            "api_booking_cancel": (f"/api/v1/bookings/{booking}/cancel", {}),
            "api_booking_reschedule": (f"/api/v1/bookings/{booking}/reschedule", move),
            "api_payments": ("/api/v1/payments", pay),
            "api_short_payment_intent": ("/api/payments/intent", pay | {"flow": "hosted"}),
            "api_short_payment_create": ("/api/payment/create", pay),
            "api_payment": (f"/api/v1/payments/{self.paid.public_id}", None),
            "api_refunds": (
                "/api/v1/refunds",
                {"payment": self.paid.public_id, "amount_minor": 100, "reason": "goodwill"},
            ),
            "api_refund": (f"/api/v1/refunds/{self.refund.public_id}", None),
            "api_members": (f"/api/v1/businesses/{slug}/members", None),
            "api_member": (
                f"/api/v1/businesses/{slug}/members/{self.clerk.public_id}",
                {"role": "support"},
            ),
            "api_owner": (
                f"/api/v1/businesses/{slug}/owner",
                {"member": self.clerk.public_id},
            ),
            "api_invitations": (
                f"/api/v1/businesses/{slug}/invitations",
                {"email": "more@team.test", "role": "support"},
            ),
            "api_invitation": (f"/api/v1/invitations/{self.invitation.public_id}", None),
            "api_invitation_resend": (
                f"/api/v1/invitations/{self.invitation.public_id}/resend",
                {},
            ),
            "api_invitation_accept": (
                "/api/v1/invitations/accept",
                {"token": invitation_tokens.token_of(self.invitation)},
            ),
            "api_keys": (
                "/api/v1/api-keys",
                {"business": slug, "name": "Till", "scopes": ["bookings:read"]},
            ),
            "api_devices": ("/api/v1/devices", {}),
            "api_device": (f"/api/v1/devices/{self.device}", {}),
            "api_key_rotate": (f"/api/v1/api-keys/{self.key.public_id}/rotate", {}),
            "api_key_revoke": (f"/api/v1/api-keys/{self.key.public_id}/revoke", {}),
        }[name]

    def ask(self, who: str, method: str, path: str, body: Any) -> int:
        """Send the request; whatever it did is undone."""
        caller = self.people[who]
        with transaction.atomic():
            answer = (
                caller.get(path)
                if method == "GET"
                else caller.send(path, body, method=method.lower())
            )
            transaction.set_rollback(True)
        return int(answer.status_code)


def book(tier: Tier, contact: Contact, hour: int) -> Booking:
    return booking_actions.create_booking(
        tier_id=tier.public_id, starts_at=at(hour), customer=contact, now=NOW
    )


def member(business, role: Role) -> Caller:
    return signed_in(MembershipFactory(business=business, role=role).user)


@pytest.fixture
def world(db, many_requests, monkeypatch) -> World:
    # Each request runs in a transaction that is undone; the sandbox calls nobody.
    monkeypatch.setattr(provider_calls, "_require_no_transaction", lambda: None)
    tier, other_tier = make_shop(), make_shop()
    business = tier.service.business
    account = GatewayAccountFactory(business=business)
    customer, other_customer = person(), UserFactory()
    contact = ContactFactory(business=business, user=customer)
    other = ContactFactory(business=business, user=other_customer)
    booking, others = book(tier, contact, 9), book(tier, other, 11)
    paid = PaymentFactory(
        paid=True,
        business=business,
        contact=contact,
        gateway_account=account,
        payable_type="booking",
        payable_id=booking.public_id,
        purpose="balance",
    )
    refund = Refund.objects.create(
        payment=paid, request_id="r-1", amount_minor=500, currency="VND", reason="late"
    )
    EmailAddress.objects.update_or_create(
        user=customer, email=customer.email, defaults={"verified": True}
    )
    owner = MembershipFactory(business=business)
    invitation = team.invite(
        business=business, email=customer.email, role=Role.SUPPORT, inviter=owner.user
    )
    Invitation.objects.update(sent_at=NOW - timedelta(hours=1))
    customers = signed_in(customer)
    key, secret = make_key(business)
    return World(
        tier,
        booking,
        paid,
        refund,
        invitation,
        MembershipFactory(business=business, role=Role.MANAGER).user,
        key,
        Device.objects.get(user=customer, kind="browser").public_id,
        {
            "anonymous": Caller(),
            "guest": Caller(token=guest_token(subject=booking.public_id)),
            "other guest": Caller(token=guest_token(subject=others.public_id)),
            "customer": customers,
            "customer's app": Caller(bearer=token_of(customer)),
            "other customer": signed_in(other_customer),
            "owner": member(business, Role.OWNER),
            "other owner": member(other_tier.service.business, Role.OWNER),
            "front desk": member(business, Role.FRONT_DESK),
            "finance": member(business, Role.FINANCE),
            "auditor": member(business, Role.AUDITOR),
            "key": Caller(bearer=secret),
            "other key": Caller(bearer=make_key(other_tier.service.business)[1]),
            "key without scopes": Caller(bearer=make_key(business, "catalogue:read")[1]),
        },
    )


class TestTheTable:
    def test_knows_every_route_and_method_of_the_api(self):
        found = {
            (route.name, method) for route in api_routes() for method in route.methods or ["GET"]
        }

        assert found == set(EXPECTED)


@pytest.mark.row("B9")
class TestEveryRoute:
    @pytest.mark.parametrize(("name", "method"), list(EXPECTED))
    def test_answers_everybody_as_the_table_says(self, world, name, method):
        path, body = world.request(name)

        found = {who: world.ask(who, method, path, body) for who in PEOPLE}

        assert found == EXPECTED[name, method]

    @pytest.mark.parametrize(("name", "path"), list(OBJECTS.items()))
    def test_says_404_to_everybody_when_the_object_is_missing(self, world, name, path):
        method = "POST" if name in {"api_booking_cancel", "api_booking_reschedule"} else "GET"
        body = {"starts_at": at(15).isoformat()} if name.endswith("reschedule") else {}

        found = {who: world.ask(who, method, f"/api/v1/{path}", body) for who in PEOPLE}

        # A key's scopes are asked before any object is looked for.
        is_scoped = not name.startswith(("api_business", "api_service"))
        assert found == NOBODY | (SCOPED if is_scoped else {})

    @pytest.mark.parametrize(("name", "path"), list(OWN_OBJECTS.items()))
    def test_says_404_to_people_when_the_object_is_missing(self, world, name, path):
        method = "DELETE" if name == "api_device" else "POST"
        found = {who: world.ask(who, method, f"/api/v1/{path}", {}) for who in PEOPLE}

        guests = {"anonymous": 401, "guest": 401, "other guest": 401}
        assert found == NOBODY | guests | NO_KEYS

    @pytest.mark.parametrize(("method", "path"), sorted(MEMBER_OBJECTS))
    def test_for_members_says_404_to_whoever_signed_in(self, world, method, path):
        body = {"role": "support"} if method == "patch" else {}

        found = {who: world.ask(who, method.upper(), f"/api/v1/{path}", body) for who in PEOPLE}

        wanted = {who: 401 if SIGNED_IN[who] == 401 else 404 for who in PEOPLE}
        assert found == wanted | NO_KEYS

    @pytest.mark.parametrize("tail", ["", "/services", "/services/massage"])
    def test_shows_a_closed_business_to_its_members_only(self, world, tail):
        business = world.tier.service.business
        type(business).objects.filter(pk=business.pk).update(is_active=False)
        world.tier.service.slug = "massage"
        world.tier.service.save()

        path = f"/api/v1/businesses/{business.slug}{tail}"
        found = {who: world.ask(who, "GET", path, None) for who in PEOPLE}

        assert found == SIGNED_IN | {
            "customer": 403,
            "customer's app": 403,
            "other customer": 403,
            "other owner": 403,
            "other key": 403,
        }

    def test_lists_nothing_of_others(self, world):
        for name in ("bookings", "payments"):
            for who in ("other owner", "other key"):
                page = world.people[who].get(f"/api/v1/{name}").json()
                assert page == {"data": [], "next_cursor": None}
        keyed = world.people["key"].get("/api/v1/bookings").json()["data"]
        assert len(keyed) == 2
        mine = world.people["customer"].get("/api/v1/bookings").json()["data"]
        assert [row["id"] for row in mine] == [world.booking.public_id]

    def test_opens_nothing_to_an_account_that_was_closed(self, world):
        user = UserFactory()
        caller = signed_in(user)
        user.is_active = False
        user.save()
        world.people["closed"] = caller

        assert world.ask("closed", "GET", "/api/v1/me", None) == 401

    def test_uses_two_businesses(self, world):
        assert BusinessFactory._meta.model.objects.count() == 2
