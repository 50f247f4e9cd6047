"""Programs with an API key make bookings and move money, within their business and kind."""

import pytest

from accounts.models import AuditEntry
from bookings.models import Booking
from events.models import Event
from payments.models import GatewayAccount, Payment, Refund
from tests.api.conftest import Caller, wish
from tests.factories.accounts import ContactFactory, make_key
from tests.factories.bookings import at, make_shop
from tests.factories.payments import GatewayAccountFactory, PaymentFactory

BOOKINGS, PAYMENTS, REFUNDS = "/api/v1/bookings", "/api/v1/payments", "/api/v1/refunds"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.row("D2")]


@pytest.fixture
def shop(many_requests):
    return make_shop()


@pytest.fixture
def business(shop):
    return shop.service.business


def program(business, *scopes: str, kind: str = "live") -> Caller:
    return Caller(bearer=make_key(business, *scopes, kind=kind)[1])


class TestBooking:
    def test_is_made_for_a_customer_in_the_keys_name(self, shop, business):
        key, secret = make_key(business, "bookings:read", "bookings:write")
        till = Caller(bearer=secret)

        made = till.send(BOOKINGS, wish(shop))

        body = made.json()["booking"]
        assert made.status_code == 201
        assert body["customer"]["email"] == "lan@example.com"
        event = Event.objects.get(type="booking.created")
        assert event.actor == key.public_id
        canceled = till.send(f"{BOOKINGS}/{body['id']}/cancel", {})
        assert canceled.json()["status"] == "canceled"
        assert canceled.json()["customer"]["email"] == "lan@example.com"

    def test_is_made_in_no_other_business(self, shop):
        other = make_shop()
        till = program(other.service.business)

        made = till.send(BOOKINGS, wish(shop))

        assert (made.status_code, made.json()["code"]) == (403, "FORBIDDEN")
        assert Booking.objects.count() == 0

    def test_replays_to_the_same_key_only(self, shop, business):
        one, two = program(business), program(business)

        first = one.send(BOOKINGS, wish(shop), key="k")
        again = one.send(BOOKINGS, wish(shop), key="k")
        other = two.send(BOOKINGS, wish(shop, starts_at=at(13).isoformat()), key="k")

        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.json()["booking"]["id"] == first.json()["booking"]["id"]
        assert other.status_code == 201
        assert other.json()["booking"]["id"] != first.json()["booking"]["id"]

    def test_needs_a_customer(self, shop, business):
        body = {key: value for key, value in wish(shop).items() if key != "customer"}

        assert program(business).send(BOOKINGS, body).status_code == 400


class TestTheCatalogue:
    @pytest.mark.parametrize(("scope", "status"), [("catalogue:read", 200), ("bookings:read", 403)])
    def test_of_a_closed_business_needs_its_scope(self, business, scope, status):
        business.is_active = False
        business.save()

        for tail in ("", "/services"):
            answer = program(business, scope).get(f"/api/v1/businesses/{business.slug}{tail}")
            assert answer.status_code == status


class TestMoney:
    @pytest.fixture
    def account(self, business):
        return GatewayAccountFactory(business=business)

    def _booked(self, shop, till: Caller) -> str:
        return str(till.send(BOOKINGS, wish(shop)).json()["booking"]["id"])

    @pytest.mark.parametrize(
        ("kinds", "status"),
        [
            ("live live", 201),
            ("live test", 201),
            ("test test", 201),
            ("test live", 403),
        ],
    )
    @pytest.mark.parametrize("path", [PAYMENTS, "/api/payment/create"])
    def test_is_asked_for_at_a_live_account_by_a_live_key_only(
        self, shop, account, kinds, path, status
    ):
        kind, mode = kinds.split()
        till = program(account.business, kind=kind)
        booking = self._booked(shop, till)
        GatewayAccount.objects.update(mode=mode)

        answer = till.send(path, {"booking": booking})

        assert answer.status_code == status
        assert Payment.objects.count() == (1 if status == 201 else 0)
        if status == 403:
            assert answer.json()["code"] == "LIVE_ACCOUNT_REFUSED"

    def test_already_asked_for_at_a_live_account_is_not_shown_to_a_test_key(
        self, shop, business, account
    ):
        GatewayAccount.objects.update(mode="live")
        booking = self._booked(shop, program(business))
        program(business).send(PAYMENTS, {"booking": booking})

        answer = program(business, kind="test").send(PAYMENTS, {"booking": booking})

        assert (answer.status_code, answer.json()["code"]) == (403, "LIVE_ACCOUNT_REFUSED")

    @pytest.mark.parametrize(("mode", "status"), [("test", 201), ("live", 403)])
    def test_goes_back_from_a_test_account_by_a_test_key(self, business, account, mode, status):
        paid = PaymentFactory(
            paid=True,
            business=business,
            contact=ContactFactory(business=business),
            gateway_account=account,
        )
        GatewayAccount.objects.update(mode=mode)
        body = {"payment": paid.public_id, "amount_minor": 100, "reason": "goodwill"}

        answer = program(business, "refunds:write", kind="test").send(REFUNDS, body)

        assert answer.status_code == status
        assert Refund.objects.count() == (1 if status == 201 else 0)


class TestTheTimeline:
    def test_names_the_key(self, business):
        from accounts import timeline

        key, _secret = make_key(business)
        AuditEntry.objects.create(actor=key.public_id, action="booking.cancel", subject="bkg_1")

        assert [entry.actor for entry in timeline.entries("bkg_1")] == ["API key Till"]
