import pytest

from accounts.models import Role
from bookings.models import Booking
from payments.models import Payment, Refund
from tests.api.conftest import Caller, signed_in, wish
from tests.factories.accounts import ContactFactory, MembershipFactory
from tests.factories.bookings import make_shop
from tests.factories.payments import GatewayAccountFactory, PaymentFactory

PAYMENTS, REFUNDS = "/api/v1/payments", "/api/v1/refunds"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(many_requests):
    tier = make_shop()
    GatewayAccountFactory(business=tier.service.business)
    return tier


@pytest.fixture
def booked(shop, guest) -> str:
    """The id of a booking that waits for its deposit; the guest holds its token."""
    body = guest.send("/api/v1/bookings", wish(shop)).json()
    guest.token = body["token"]
    return str(body["booking"]["id"])


class TestStart:
    @pytest.mark.row("A10")
    def test_returns_the_address_to_pay_at(self, booked, guest):
        answer = guest.send(PAYMENTS, {"booking": booked, "return_url": "/done"})

        body = answer.json()
        assert answer.status_code == 201
        assert (body["payable_id"], body["purpose"], body["status"]) == (
            booked,
            "deposit",
            "pending",
        )
        assert (body["amount_minor"], body["currency"]) == (2000, "USD")
        assert "/sandbox/pay/" in body["checkout_url"]
        assert body["client_secret"] is None
        assert Payment.objects.get().return_url.endswith("/done")

    @pytest.mark.row("A10")
    def test_adds_no_second_payment_to_the_same_wish(self, booked, guest):
        first = guest.send(PAYMENTS, {"booking": booked})
        other_key = guest.send(PAYMENTS, {"booking": booked})
        short = guest.send("/api/payment/create", {"booking": booked}, key=None)

        assert {a.status_code for a in (first, other_key, short)} == {201}
        assert len({a.json()["id"] for a in (first, other_key, short)}) == 1
        assert Payment.objects.count() == 1

    def test_replays_under_one_key(self, booked, guest):
        first = guest.send(PAYMENTS, {"booking": booked}, key="p-1")
        again = guest.send(PAYMENTS, {"booking": booked}, key="p-1")

        assert again.content == first.content
        assert again.headers["Idempotent-Replayed"] == "true"

    def test_refuses_another_wish_while_one_is_open(self, booked, guest):
        first = guest.send(PAYMENTS, {"booking": booked}).json()

        answer = guest.send(PAYMENTS, {"booking": booked, "flow": "embedded"})

        assert (answer.status_code, answer.json()["code"]) == (409, "PAYMENT_ALREADY_OPEN")
        assert answer.json()["details"][0]["code"] == first["id"]

    @pytest.mark.row("A10")
    def test_refuses_a_booking_that_is_not_to_be_paid(self, booked, guest):
        Booking.objects.update(status="canceled", hold_expires_at=None)

        answer = guest.send(PAYMENTS, {"booking": booked})

        assert (answer.status_code, answer.json()["code"]) == (409, "NOT_PAYABLE")
        assert Payment.objects.count() == 0

    def test_asks_for_a_key(self, booked, guest):
        answer = guest.send(PAYMENTS, {"booking": booked}, key=None)

        assert answer.json()["code"] == "IDEMPOTENCY_KEY_REQUIRED"

    def test_is_not_for_strangers(self, booked):
        assert Caller().send(PAYMENTS, {"booking": booked}).status_code == 401

    @pytest.mark.parametrize(
        "address",
        [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "javascript:alert(1)",
            "http://127.0.0.1:8000@evil.example/",
            "http://127.0.0.1:8000\\@evil.example/",
            "http://[",
        ],
    )
    def test_sends_nobody_to_a_foreign_address(self, booked, guest, address):
        answer = guest.send(PAYMENTS, {"booking": booked, "return_url": address})

        assert answer.status_code == 400
        assert answer.json()["details"][0]["field"] == "return_url"

    def test_shows_no_secret_afterwards(self, booked, guest):
        made = guest.send(PAYMENTS, {"booking": booked}).json()

        read = guest.get(f"{PAYMENTS}/{made['id']}").json()

        assert read["status"] == "pending"
        assert not {"client_secret", "checkout_url", "publishable_key"} & set(read)


class TestRefund:
    @pytest.fixture
    def paid(self, shop) -> Payment:
        business = shop.service.business
        return PaymentFactory(
            paid=True,
            business=business,
            contact=ContactFactory(business=business),
            gateway_account=business.gateway_accounts.get(),
            payable_type="booking",
            payable_id="bkg_00000000000000000000000000",
            currency="USD",
        )

    @pytest.fixture
    def owner(self, shop) -> Caller:
        return signed_in(MembershipFactory(business=shop.service.business).user)

    def test_is_asked_for_once_under_one_key(self, paid, owner):
        wanted = {"payment": paid.public_id, "amount_minor": 500, "reason": "late"}

        first = owner.send(REFUNDS, wanted, key="r-1")
        again = owner.send(REFUNDS, wanted, key="r-1")

        assert (first.status_code, again.content) == (201, first.content)
        refund = Refund.objects.get()
        assert (refund.amount_minor, refund.status) == (500, "requested")
        assert owner.get(f"{REFUNDS}/{refund.public_id}").json() == first.json()

    def test_without_an_amount_is_all_that_is_left(self, paid, owner):
        owner.send(REFUNDS, {"payment": paid.public_id, "amount_minor": 500, "reason": "late"})

        rest = owner.send(REFUNDS, {"payment": paid.public_id, "reason": "late"}).json()

        assert rest["amount_minor"] == 149500

    def test_of_more_than_is_left_is_refused(self, paid, owner):
        answer = owner.send(
            REFUNDS, {"payment": paid.public_id, "amount_minor": 150001, "reason": "late"}
        )

        assert (answer.status_code, answer.json()["code"]) == (409, "REFUND_TOO_LARGE")
        assert Refund.objects.count() == 0

    def test_is_not_the_front_desks(self, paid, shop):
        desk = MembershipFactory(business=shop.service.business, role=Role.FRONT_DESK).user

        answer = signed_in(desk).send(REFUNDS, {"payment": paid.public_id, "reason": "late"})

        assert answer.status_code == 403


class TestList:
    def test_is_narrowed_by_booking_and_state(self, booked, guest, shop):
        guest.send(PAYMENTS, {"booking": booked})
        owner = signed_in(MembershipFactory(business=shop.service.business).user)

        def count(query: str) -> int:
            return len(owner.get(f"{PAYMENTS}?{query}").json()["data"])

        assert count(f"booking={booked}") == 1
        assert count("status=succeeded") == 0
        assert count(f"business={shop.service.business.public_id}&status=pending") == 1
