"""Words of the admin: names instead of ids, titles, and Vietnamese throughout."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.translation import gettext

from accounts import actions, timeline
from accounts.models import Business
from accounts.timeline import entries, words
from bookings.models import Task
from events import registry
from operations import trends
from operations.wording import TITLES
from tests.factories.accounts import BusinessFactory, ContactFactory
from tests.factories.bookings import BookingFactory
from tests.factories.payments import PaymentFactory
from tests.factories.sign_in import staff_of, superuser, verified_client

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


@pytest.fixture
def shop(db: None) -> Business:
    return BusinessFactory(name="Lotus Spa", timezone="Asia/Ho_Chi_Minh")


@pytest.fixture
def owner(shop: Business) -> Client:
    return verified_client(staff_of(shop))


class TestTrail:
    def test_names_the_object_and_keeps_its_id_for_the_second_line(
        self, shop: Business, owner: Client
    ) -> None:
        booking = BookingFactory(
            tier__service__business=shop, contact=ContactFactory(business=shop, name="Hồ Ngọc Hà")
        )

        page = owner.get(f"/admin/bookings/booking/{booking.pk}/change/").content.decode()

        trail = page.split('class="fd-trail"')[1].split("</nav>")[0]
        assert "Hồ Ngọc Hà" in trail
        assert booking.public_id not in trail
        assert f'<code class="fd-id">{booking.public_id}</code>' in page


class TestTimeline:
    def test_names_actor_and_other_objects_but_not_the_pages_own(self, shop: Business) -> None:
        person = staff_of(shop)
        booking = BookingFactory(tier__service__business=shop)
        task = Task.objects.create(business=shop, booking=booking, title="Towels", due_at=NOON)
        for subject in (booking.public_id, task.public_id):
            actions.record_audit(
                actor=person.public_id,
                action="task.done",
                subject=subject,
                business=shop.public_id,
                before={"status": "open"},
                after={"status": "done"},
            )

        found = entries(booking.public_id, task.public_id)

        assert [(item.name, item.subject) for item in found] == [
            ("Towels", task.public_id),
            ("", ""),
        ]
        assert {item.actor for item in found} == {str(person)}
        assert {item.detail for item in found} == {"status: open → done"}
        assert {item.title for item in found} == {"Task done"}

    def test_names_cost_one_query_a_kind_whatever_their_number(self, shop: Business) -> None:
        booking = BookingFactory(tier__service__business=shop)
        counts = []
        for size in (2, 20):
            tasks = [
                Task.objects.create(business=shop, booking=booking, title="Towels", due_at=NOON)
                for _ in range(size)
            ]
            for task in tasks:
                actions.record_audit(
                    actor="system", action="task.done", subject=task.public_id, business=""
                )
            with CaptureQueriesContext(connection) as queries:
                entries(booking.public_id, *(task.public_id for task in tasks))
            counts.append(len(queries))

        assert counts[0] == counts[1]


class TestRecords:
    def test_a_list_names_what_it_is_about(self, shop: Business, owner: Client) -> None:
        contact = ContactFactory(business=shop, name="Hồ Ngọc Hà")
        person = staff_of(shop)
        actions.record_audit(
            actor=person.public_id,
            action="contact.change",
            subject=contact.public_id,
            business=shop.public_id,
        )

        page = owner.get("/admin/accounts/auditentry/").content.decode()

        assert "Hồ Ngọc Hà" in page
        assert str(person) in page
        assert "Customer changed" in page


class TestWords:
    def test_every_event_has_a_title_in_both_languages(self) -> None:
        # Other tests of this process may have added types of their own.
        names = {
            kind.name
            for kind in registry.event_types()
            if not kind.data.__module__.startswith("tests.")
        }
        assert names - set(TITLES) == set()
        with translation.override("vi"):
            untranslated = {name for name in TITLES if words(name) == _english(name)}
        assert untranslated == set()

    def test_the_themes_own_words_are_translated(self) -> None:
        with translation.override("vi"):
            said = [gettext(text) for text in ("Filters", "Type to search", "Select action")]
        assert said == ["Bộ lọc", "Gõ để tìm", "Chọn thao tác"]

    def test_a_list_in_vietnamese_shows_no_word_of_the_code(
        self, shop: Business, owner: Client
    ) -> None:
        ContactFactory(business=shop)

        page = owner.get(
            "/admin/accounts/contact/", headers={"accept-language": "vi"}
        ).content.decode()

        assert "doanh nghiệp" in page.lower()
        assert 'data-label="business"' not in page.lower()

    def test_the_sign_in_packages_headings_are_in_sentence_case(self, db: None) -> None:
        page = Client().get("/account/auth/password/reset/", headers={"accept-language": "en"})

        assert "Reset your password" in page.content.decode()
        assert "Send me the link" in page.content.decode()

    def test_an_unknown_act_is_written_as_words(self) -> None:
        assert timeline.words("thing.did_happen") == "Thing did happen"


class TestTrends:
    def test_count_each_business_by_its_own_day_and_currency(self, shop: Business) -> None:
        person = superuser()
        starts = dt.datetime(2026, 3, 9, 23, tzinfo=dt.UTC)  # already the 10th in Vietnam
        for business in (shop, BusinessFactory(timezone="America/New_York")):
            BookingFactory(
                tier__service__business=business,
                confirmed=True,
                starts_at=starts,
                ends_at=starts + dt.timedelta(hours=1),
            )
        BookingFactory(
            tier__service__business=shop,
            status="canceled",
            starts_at=starts,
            ends_at=starts + dt.timedelta(hours=1),
        )
        payment = PaymentFactory(business=shop, currency="VND")
        payment.ledger.create(
            kind="charge", amount_minor=150_000, currency="VND", provider_reference="a", at=NOON
        )
        payment.ledger.create(
            kind="refund", amount_minor=50_000, currency="VND", provider_reference="b", at=NOON
        )

        with translation.override("en"):
            bookings, revenue = trends.read(person, now=NOON, zone=shop.zone)

        assert [bar.value for bar in bookings.chart.bars][-2:] == ["1", "1"]
        assert (bookings.total, len(bookings.chart.bars)) == ("2", 14)
        assert revenue.total == "₫100,000"
        assert [bar.value for bar in revenue.chart.bars][-2:] == ["₫0", "₫100,000"]

    def test_leave_out_other_businesses(self, shop: Business) -> None:
        BookingFactory(confirmed=True, starts_at=NOON, ends_at=NOON + dt.timedelta(hours=1))

        found = trends.read(staff_of(shop), now=NOON, zone=shop.zone)

        assert [trend.total for trend in found] == ["0"]


def _english(name: str) -> str:
    with translation.override("en"):
        return words(name)
