"""Lists of the admin: what is found, what they cost, and the first page."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.console import paging
from accounts.models import Business, SecurityEntry
from bookings.models import Booking, Task
from payments.models import LedgerEntry, Payment
from tests.factories.accounts import BusinessFactory, ContactFactory
from tests.factories.bookings import BookingFactory, CalendarFactory, TierFactory
from tests.factories.payments import GatewayAccountFactory, PaymentFactory
from tests.factories.sign_in import staff_of, superuser, verified_client

BOOKINGS = "/admin/bookings/booking/"
PAYMENTS = "/admin/payments/payment/"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """Keep "today" the same from a test's first line to its last, whenever it runs."""
    with time_machine.travel(dt.datetime.now(dt.UTC).replace(hour=12), tick=True):
        yield


@pytest.fixture
def shop(db: None) -> Business:
    return BusinessFactory(name="Lotus Spa")


@pytest.fixture
def owner(shop: Business) -> Client:
    return verified_client(staff_of(shop))


def found(client: Client, address: str) -> list[object]:
    return list(client.get(address).context["cl"].result_list)


class TestSearch:
    def test_nguyen_finds_nguyen_with_its_accents(self, shop: Business, owner: Client) -> None:
        wanted = BookingFactory(
            tier__service__business=shop,
            contact=ContactFactory(business=shop, name="Nguyễn Thị Ánh Tuyết"),
        )
        BookingFactory(tier__service__business=shop)
        paid = PaymentFactory(business=shop, contact=wanted.contact)
        PaymentFactory(business=shop, gateway_account=paid.gateway_account)

        assert found(owner, f"{BOOKINGS}?q=nguyen") == [wanted]
        assert found(owner, f"{BOOKINGS}?q=TUYET nguyen") == [wanted]
        assert found(owner, f"{PAYMENTS}?q=nguyen") == [paid]
        assert found(owner, "/admin/accounts/contact/?q=nguyen") == [wanted.contact]

    def test_email_phone_code_and_reference_find_it(self, shop: Business, owner: Client) -> None:
        contact = ContactFactory(business=shop, email="tuyet@example.test", phone="+84901234567")
        booking = BookingFactory(tier__service__business=shop, contact=contact)
        payment = PaymentFactory(business=shop, contact=contact, provider_id="pi_wanted")

        assert found(owner, f"{BOOKINGS}?q=tuyet@example.test") == [booking]
        assert found(owner, f"{BOOKINGS}?q=901234567") == [booking]
        assert found(owner, f"{BOOKINGS}?q={booking.public_id}") == [booking]
        assert found(owner, f"{PAYMENTS}?q=pi_wanted") == [payment]
        assert found(owner, f"{PAYMENTS}?q=pi_want") == []

    def test_one_box_searches_everything_one_may_see(self, shop: Business, owner: Client) -> None:
        contact = ContactFactory(business=shop, name="Nguyễn Thị Ánh Tuyết")
        BookingFactory(tier__service__business=shop, contact=contact)
        ContactFactory(name="Nguyễn of another business")

        page = owner.get("/admin/search/?s=nguyen&extended=1").content.decode()

        assert "Found 2 results" in page
        assert "Nguyễn Thị Ánh Tuyết" in page
        assert "another business" not in page


class TestCost:
    @pytest.mark.parametrize("make", ["booking", "payment"])
    def test_a_list_costs_the_same_at_1_10_and_100_rows(self, shop: Business, make: str) -> None:
        counts = {}
        made = 0
        tier = TierFactory(service__business=shop)
        account = GatewayAccountFactory(business=shop)
        client = verified_client(staff_of(shop))
        client.get(BOOKINGS)
        for size in (1, 10, 100):
            while made < size:
                contact = ContactFactory(business=shop)
                if make == "booking":
                    BookingFactory(
                        tier=tier, contact=contact, calendar=CalendarFactory(business=shop)
                    )
                else:
                    PaymentFactory(business=shop, contact=contact, gateway_account=account)
                made += 1
            with CaptureQueriesContext(
                connection,
            ) as queries:
                response = client.get(BOOKINGS if make == "booking" else PAYMENTS)
            assert len(response.context["cl"].result_list) == min(size, 50)
            counts[size] = len(queries)

        # A filter by a related object is shown from two choices on; its query is there before.
        assert counts[10] == counts[100] == counts[1], counts

    def test_the_first_page_costs_the_same_at_1_10_and_100_bookings(self, shop: Business) -> None:
        counts = {}
        made = 0
        tier = TierFactory(service__business=shop)
        calendar = CalendarFactory(business=shop)
        client = verified_client(superuser())
        client.get("/admin/")
        for size in (1, 10, 100):
            while made < size:
                booking = BookingFactory(
                    tier=tier, calendar=calendar, confirmed=True, **_today(shop)
                )
                Task.objects.create(
                    business=shop, booking=booking, title="Towels", due_at=timezone.now()
                )
                made += 1
            with CaptureQueriesContext(connection) as queries:
                client.get("/admin/")
            counts[size] = len(queries)

        assert counts[1] == counts[10] == counts[100], counts

    def test_counting_stops_at_the_limit_and_leads_on_to_older_rows(
        self, shop: Business, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(paging, "LIMIT", 3)
        account = GatewayAccountFactory(business=shop)
        rows = [PaymentFactory(business=shop, gateway_account=account) for _ in range(5)]
        client = verified_client(superuser())

        with CaptureQueriesContext(connection) as queries:
            page = client.get(PAYMENTS)

        counting = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
        assert all("LIMIT" in sql for sql in counting if "payments_payment" in sql)
        assert page.context["cl"].result_count == 3
        assert "more than 3 payments" in page.content.decode()
        older = found(client, f"{PAYMENTS}?id__lt={rows[2].pk}")
        assert older == [rows[1], rows[0]]


def _today(shop: Business) -> dict[str, dt.datetime]:
    noon = timezone.now().astimezone(shop.zone).replace(hour=12, minute=0, second=0, microsecond=0)
    return {"starts_at": noon, "ends_at": noon + dt.timedelta(hours=1)}


class TestFirstPage:
    def test_each_tile_counts_what_its_list_shows(self, shop: Business) -> None:
        client = verified_client(superuser())
        now = timezone.now()
        booking = BookingFactory(tier__service__business=shop, confirmed=True, **_today(shop))
        BookingFactory(tier__service__business=shop, status="canceled", **_today(shop))
        BookingFactory(
            tier__service__business=shop,
            status="requested",
            hold_expires_at=now + dt.timedelta(hours=1),
        )
        Task.objects.create(
            business=shop, booking=booking, title="Late", due_at=now - dt.timedelta(minutes=1)
        )
        account = GatewayAccountFactory(business=shop)
        of_shop = {"business": shop, "gateway_account": account}
        PaymentFactory(status="failed", ended_at=now, **of_shop)
        PaymentFactory(status="failed", ended_at=now - dt.timedelta(days=2), **of_shop)
        PaymentFactory(review_reason="amount", review_opened_at=now, **of_shop)
        PaymentFactory(uncertain_since=now, **of_shop)
        SecurityEntry.objects.create(kind="webhook.forged")

        context = client.get("/admin/").context

        tiles = {tile.label: tile for tile in context["attention"]}
        assert {label: tile.value for label, tile in tiles.items()} == {
            "Payments in review": "1",
            "Failed payments": "1",
            "Payments being checked": "1",
            "Forged notices": "1",
            "Requests to answer": "1",
            "Overdue tasks": "1",
        }
        for tile in tiles.values():
            assert len(found(client, tile.url)) == 1, tile.label
        assert [item["customer"] for item in context["bookings"]] == [booking.contact.name]
        assert [item["title"] for item in context["tasks"]] == ["Late"]

    def test_revenue_is_what_came_in_less_what_went_back(self, shop: Business) -> None:
        payment = PaymentFactory(business=shop, paid=True)
        now = timezone.now()
        for kind, amount, days in (
            ("charge", 300_000, 1),
            ("refund", 50_000, 1),
            ("charge", 100_000, 40),
        ):
            LedgerEntry.objects.create(
                payment=payment,
                kind=kind,
                amount_minor=amount,
                currency="VND",
                provider_reference=f"{kind}{days}",
                at=now - dt.timedelta(days=days),
            )
        other = PaymentFactory(paid=True)
        LedgerEntry.objects.create(
            payment=other, kind="charge", amount_minor=1, currency="VND", provider_reference="x"
        )

        context = verified_client(staff_of(shop)).get("/admin/").context

        figures = {tile.label: (tile.value, tile.hint) for tile in context["figures"]}
        assert figures["Revenue"] == ("₫250,000", "last 30 days, +150 % on the 30 before")
        assert figures["Refunded"] == ("₫50,000", "last 30 days")

    def test_today_is_the_businesss_day_not_utcs(self, db: None) -> None:
        hanoi = BusinessFactory(timezone="Asia/Ho_Chi_Minh")
        midnight = (
            timezone.now().astimezone(hanoi.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        )
        first = BookingFactory(
            tier__service__business=hanoi,
            confirmed=True,
            starts_at=midnight,
            ends_at=midnight + dt.timedelta(hours=1),
        )
        BookingFactory(
            tier__service__business=hanoi,
            confirmed=True,
            starts_at=midnight - dt.timedelta(seconds=1),
            ends_at=midnight + dt.timedelta(hours=1),
        )

        shown = found(verified_client(superuser()), f"{BOOKINGS}?when=today")

        assert shown == [first]


class TestObjectPage:
    def test_it_names_the_zone_and_ends_with_the_raw_id(
        self, shop: Business, owner: Client
    ) -> None:
        booking = BookingFactory(tier__service__business=shop)

        page = owner.get(f"{BOOKINGS}{booking.pk}/change/").content.decode()

        assert "Hồ Chí Minh, GMT+7" in page
        assert page.index(booking.contact.name) < page.index("fd-timeline")

    def test_the_timeline_merges_booking_and_payment(self, shop: Business, owner: Client) -> None:
        booking = BookingFactory(tier__service__business=shop)
        payment = PaymentFactory(
            business=shop, paid=True, payable_type="booking", payable_id=booking.public_id
        )
        owner.post(
            f"{PAYMENTS}{payment.pk}/do/refund/",
            {"wish": "admin-1", "amount": "1000", "reason": "Half"},
        )
        owner.post(f"{BOOKINGS}{booking.pk}/do/message/", {"body": "See you soon"})

        entries = owner.get(f"{BOOKINGS}{booking.pk}/change/").context["entries"]

        titles = [entry.title for entry in entries]
        assert titles.count("Refund asked for") == 2
        assert "Message sent to the customer" in titles
        assert [entry.at for entry in entries] == sorted(
            (entry.at for entry in entries), reverse=True
        )
        assert Booking.objects.count() == Payment.objects.count() == 1
