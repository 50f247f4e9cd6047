import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role
from bookings.models import Booking, Service, WeeklyRule
from payments import actions as payment_actions
from tests.factories.accounts import ContactFactory, MembershipFactory, UserFactory
from tests.factories.bookings import NINE, NOW, BookingFactory, make_shop
from tests.factories.payments import PaymentFactory

PAGES = (
    "manage_today",
    "manage_week",
    "manage_bookings",
    "manage_services",
    "manage_service_new",
    "manage_hours",
    "manage_payments",
    "manage_profile",
)
NO_TIERS = {
    "tiers-TOTAL_FORMS": "1",
    "tiers-INITIAL_FORMS": "0",
    "tiers-MIN_NUM_FORMS": "1",
    "tiers-MAX_NUM_FORMS": "20",
}


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def tier():
    return make_shop()


@pytest.fixture
def business(tier):
    return tier.service.business


@pytest.fixture
def owner(business):
    return MembershipFactory(business=business).user


@pytest.fixture
def desk(client, owner):
    client.force_login(owner)
    return client


@pytest.mark.django_db
@pytest.mark.row("B14", "B9")
class TestWhoMayOpenTheDesk:
    @pytest.mark.parametrize("name", PAGES)
    def test_strangers_sign_in_others_are_refused_and_the_owner_comes_in(
        self, client, business, owner, name
    ):
        address = reverse(name, args=[business.slug])

        stranger = client.get(address).status_code
        client.force_login(MembershipFactory().user)
        other = client.get(address).status_code
        client.force_login(owner)
        own = client.get(address).status_code

        assert (stranger, other, own) == (302, 403, 200)

    def test_a_customer_does_not_see_the_desks_side_of_a_booking(self, client, tier):
        customer = UserFactory()
        contact = ContactFactory(business=tier.service.business, user=customer)
        calendar = tier.service.performers.first()
        booking = BookingFactory(tier=tier, calendar=calendar, contact=contact, confirmed=True)
        client.force_login(customer)

        page = client.get(reverse("manage_booking", args=[booking.public_id]))
        step = client.post(reverse("manage_step", args=[booking.public_id, "cancel"]))

        assert (page.status_code, step.status_code) == (403, 403)
        booking.refresh_from_db()
        assert booking.status == Booking.Status.CONFIRMED

    def test_an_auditor_looks_but_does_not_change(self, client, business):
        client.force_login(MembershipFactory(business=business, role=Role.AUDITOR).user)

        assert client.get(reverse("manage_today", args=[business.slug])).status_code == 200
        assert client.get(reverse("manage_hours", args=[business.slug])).status_code == 403


@pytest.mark.django_db
@pytest.mark.row("B14")
class TestDay:
    def test_shows_what_the_day_holds(self, desk, tier):
        calendar = tier.service.performers.first()
        booking = BookingFactory(tier=tier, calendar=calendar, confirmed=True)
        address = reverse("manage_today", args=[booking.business.slug])
        text = desk.get(address, {"day": "2028-06-05"}).content.decode()

        assert booking.contact.name in text
        assert "Monday 5 June" in text

    @pytest.mark.parametrize("count", [1, 10, 100])
    @pytest.mark.parametrize(
        "page", [("manage_today", 14), ("manage_week", 6), ("manage_bookings", 6)]
    )
    def test_reads_as_often_whatever_the_number_of_bookings(
        self, desk, tier, django_assert_max_num_queries, page, count
    ):
        calendar = tier.service.performers.first()
        BookingFactory.create_batch(count, tier=tier, calendar=calendar, confirmed=True)
        name, queries = page
        address = reverse(name, args=[tier.service.business.slug])

        with django_assert_max_num_queries(queries):
            desk.get(address, {"day": "2028-06-05", "from": "2028-06-05"})


@pytest.mark.django_db
class TestSteps:
    def test_the_desk_confirms_without_a_deposit(self, desk, tier):
        calendar = tier.service.performers.first()
        booking = BookingFactory(tier=tier, calendar=calendar)
        desk.post(reverse("manage_step", args=[booking.public_id, "confirm"]))

        booking.refresh_from_db()
        assert booking.status == Booking.Status.CONFIRMED

    def test_a_refusal_is_said_and_changes_nothing(self, desk, tier):
        calendar = tier.service.performers.first()
        booking = BookingFactory(tier=tier, calendar=calendar, confirmed=True)
        address = reverse("manage_step", args=[booking.public_id, "complete"])
        text = desk.post(address, follow=True).content.decode()

        assert "The appointment has not begun yet." in text
        booking.refresh_from_db()
        assert booking.status == Booking.Status.CONFIRMED


@pytest.mark.django_db
@pytest.mark.row("B14")
class TestRefund:
    @pytest.fixture
    def payment(self, tier, business):
        booking = BookingFactory(tier=tier, calendar=tier.service.performers.first())
        return PaymentFactory(
            paid=True, business=business, payable_type="booking", payable_id=booking.public_id
        )

    def press(self, desk, payment):
        address = reverse("manage_refund", args=[payment.payable_id])
        desk.post(address, {"payment": payment.public_id})

    def test_pressed_twice_asks_once(self, desk, payment):
        self.press(desk, payment)
        self.press(desk, payment)

        assert payment.refunds.get().amount_minor == payment.amount_minor

    def test_can_be_asked_for_again_after_the_provider_refused(self, desk, payment):
        self.press(desk, payment)
        refused = payment.refunds.get()
        payment_actions.mark_refund_refused(refund_id=refused.public_id, code="no_funds", now=NOW)

        self.press(desk, payment)

        assert list(payment.refunds.order_by("id").values_list("status", flat=True)) == [
            "failed",
            "requested",
        ]


@pytest.mark.django_db
@pytest.mark.row("B14")
class TestServices:
    def fields(self, tier, **changes):
        return {
            "name": "Foot massage",
            "summary": "",
            "description": "",
            "is_active": "on",
            "performers": [tier.service.performers.first().pk],
            **NO_TIERS,
            "tiers-0-name": "30 minutes",
            "tiers-0-duration_minutes": "30",
            "tiers-0-price": "45.50",
            "tiers-0-deposit_kind": "percent",
            "tiers-0-deposit": "20",
            "tiers-0-buffer_after_minutes": "10",
            "tiers-0-notice_minutes": "0",
            "tiers-0-seats": "1",
            **changes,
        }

    def test_takes_a_second_way_left_empty_as_none(self, desk, business, tier):
        empty = {
            "tiers-TOTAL_FORMS": "2",
            "tiers-1-name": "",
            "tiers-1-duration_minutes": "",
            "tiers-1-price": "",
            "tiers-1-deposit_kind": "none",
            "tiers-1-deposit": "",
            "tiers-1-buffer_after_minutes": "0",
            "tiers-1-notice_minutes": "0",
            "tiers-1-seats": "1",
        }

        answer = desk.post(
            reverse("manage_service_new", args=[business.slug]), self.fields(tier, **empty)
        )

        assert answer.status_code == 302
        assert business.services.order_by("-id").first().tiers.count() == 1

    def test_are_added_with_money_in_minor_units(self, desk, tier, business):
        answer = desk.post(reverse("manage_service_new", args=[business.slug]), self.fields(tier))

        assert answer.status_code == 302
        made = Service.objects.get(name="Foot massage")
        new = made.tiers.get()
        assert (new.price_minor, new.deposit_percent, made.slug) == (4550, 20, "foot-massage")

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"tiers-0-price": "45.555"}, "This currency has no such small unit."),
            (
                {"tiers-0-deposit_kind": "amount", "tiers-0-deposit": "46"},
                "The deposit cannot be more than the price.",
            ),
            ({"tiers-0-name": ""}, "This field is required."),
        ],
    )
    def test_are_refused_beside_the_field(self, desk, tier, business, changes, sentence):
        answer = desk.post(
            reverse("manage_service_new", args=[business.slug]), self.fields(tier, **changes)
        )

        assert answer.status_code == 400
        assert sentence in answer.content.decode()
        assert Service.objects.filter(name="Foot massage").count() == 0

    def test_another_businesss_people_cannot_be_chosen(self, desk, tier, business):
        stranger = make_shop().service.performers.get()
        answer = desk.post(
            reverse("manage_service_new", args=[business.slug]),
            self.fields(tier, performers=[stranger.pk]),
        )

        assert answer.status_code == 400


@pytest.mark.django_db
@pytest.mark.row("B14")
class TestHours:
    def test_replace_the_week_and_show_at_once(self, desk, business):
        address = reverse("manage_hours", args=[business.slug])

        desk.post(address, {"start_2_0": "10:00", "end_2_0": "12:00"})

        rules = WeeklyRule.objects.filter(business=business)
        assert [(rule.weekday, rule.start_time.hour, rule.end_time.hour) for rule in rules] == [
            (2, 10, 12)
        ]

    def test_refuse_an_opening_with_one_end(self, desk, business):
        page = desk.post(reverse("manage_hours", args=[business.slug]), {"start_2_0": "10:00"})

        assert "Give both times, or none for closed." in page.content.decode()
        assert WeeklyRule.objects.filter(business=business).count() == 1

    @pytest.mark.parametrize(("first", "second"), [("12:00", "11:00"), ("08:00", "20:00")])
    def test_refuse_two_openings_that_overlap(self, desk, business, first, second):
        page = desk.post(
            reverse("manage_hours", args=[business.slug]),
            {
                "start_2_0": "10:00",
                "end_2_0": first,
                "start_2_1": second,
                "end_2_1": "22:00",
            },
        )

        assert "The two openings overlap." in page.content.decode()
        assert WeeklyRule.objects.filter(business=business).count() == 1

    def test_days_off_close_and_open_again(
        self, desk, tier, business, django_capture_on_commit_callbacks
    ):
        commits = django_capture_on_commit_callbacks
        service = reverse("service", args=[business.slug, tier.service.slug])
        day = NINE.date().isoformat()
        query = {"first_date": day, "last_date": day, "reason": ""}

        with commits(execute=True):
            desk.post(reverse("manage_days_off", args=[business.slug]), query)
        closed = desk.get(service, {"day": day}).content.decode()
        block = business.blocks.get()
        with commits(execute=True):
            desk.post(reverse("manage_days_off_remove", args=[business.slug, block.public_id]))
        opened = desk.get(service, {"day": day}).content.decode()

        assert "No free times on Monday 5 June" in closed
        assert 'value="2028-06-05T09:00:00Z"' in opened
