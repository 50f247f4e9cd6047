import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.links import guest_token
from bookings.models import Booking, ConversationMessage
from tests.factories.accounts import BusinessFactory, MembershipFactory, UserFactory
from tests.factories.bookings import NINE, NOW, BookingFactory, ServiceFactory, at, make_shop
from tests.factories.payments import PaymentFactory

DETAILS = {"name": "Trần Quốc Bảo", "email": "bao@example.test", "phone": "", "note": ""}


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


def service_address(tier):
    return reverse("service", args=[tier.service.business.slug, tier.service.slug])


def details_address(tier, starts_at=NINE):
    address = reverse("booking_details", args=[tier.service.business.slug, tier.service.slug])
    return f"{address}?tier={tier.public_id}&starts_at={starts_at:%Y-%m-%dT%H:%M:%SZ}"


def booked(**changes):
    tier = make_shop()
    return BookingFactory(tier=tier, calendar=tier.service.performers.first(), **changes)


@pytest.mark.django_db
@pytest.mark.row("A1")
class TestBusinessPage:
    def test_says_who_what_from_what_price_and_when_next(self, client):
        tier = make_shop()

        page = client.get(reverse("business", args=[tier.service.business.slug]))

        text = page.content.decode()
        assert page.status_code == 200
        assert tier.service.name in text
        assert "$80.00" in text
        assert "Next free 5 Jun, 9:00" in text

    def test_is_closed_to_strangers_while_the_business_is(self, client):
        business = BusinessFactory(is_active=False)

        page = client.get(reverse("business", args=[business.slug]))

        assert page.status_code == 302
        assert page.url.startswith(reverse("account_login"))

    def test_is_missing_for_an_unknown_address(self, client):
        assert client.get(reverse("business", args=["nobody"])).status_code == 404

    @pytest.mark.parametrize("count", [1, 10])
    def test_reads_as_often_whatever_the_number_of_services(
        self, client, django_assert_num_queries, count
    ):
        tier = make_shop()
        for _ in range(count - 1):
            make_more = make_shop(
                tier={"service": ServiceFactory(business=tier.service.business, position=1)}
            )
            make_more.service.performers.set([])
        address = reverse("business", args=[tier.service.business.slug])
        client.get(address)

        with django_assert_num_queries(7):
            client.get(address)


@pytest.mark.django_db
class TestServicePage:
    def test_offers_the_first_free_day_with_times_by_part_of_the_day(self, client):
        tier = make_shop()

        text = client.get(service_address(tier)).content.decode()

        assert re.findall(r"<h3>(\w+)</h3>", text) == ["Morning", "Afternoon"]
        assert text.count('name="starts_at"') == 8
        assert 'value="2028-06-05T09:00:00Z"' in text

    def test_names_the_zone_of_its_times(self, client):
        assert b"All times are in UTC." in client.get(service_address(make_shop())).content

    def test_names_the_next_free_day_on_a_full_one(self, client):
        address = f"{service_address(make_shop())}?day=2028-06-06"

        text = client.get(address).content.decode()

        assert "No free times on Tuesday 6 June" in text
        assert "The next free day is Monday 12 June" in text


@pytest.mark.django_db
class TestDaysBeyondAnyCalendar:
    @pytest.mark.parametrize("name", ["from", "day"])
    @pytest.mark.parametrize("value", ["9999-12-31", "0001-01-01", "9999-12-01"])
    def test_show_the_days_there_are(self, client, name, value):
        page = client.get(service_address(make_shop()), {name: value})

        assert page.status_code == 200

    @pytest.mark.parametrize(
        "value", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00", "9999-12-31T00:00:00Z"]
    )
    def test_lead_back_to_the_free_times(self, client, value):
        tier = make_shop()
        address = reverse("booking_details", args=[tier.service.business.slug, tier.service.slug])

        page = client.get(address, {"tier": tier.public_id, "starts_at": value})

        assert page.status_code == 302

    def test_show_the_desk_its_own_day(self, client):
        tier = make_shop()
        business = tier.service.business
        client.force_login(MembershipFactory(business=business).user)

        for name, query in (("manage_today", "day"), ("manage_week", "from")):
            for value in ("9999-12-31", "0001-01-01"):
                page = client.get(reverse(name, args=[business.slug]), {query: value})
                assert page.status_code == 200


@pytest.mark.django_db
class TestBookingInSteps:
    def test_takes_the_time_and_leads_to_the_payment(self, client):
        tier = make_shop()

        answer = client.post(details_address(tier), DETAILS, follow=True)

        booking = Booking.objects.get()
        assert booking.status == Booking.Status.PENDING
        assert booking.starts_at == NINE
        assert booking.contact.name == "Trần Quốc Bảo"
        assert answer.redirect_chain == [(reverse("booking", args=[booking.public_id]), 302)]
        assert "One step left: the payment" in answer.content.decode()

    def test_confirms_at_once_when_nothing_is_due(self, client):
        tier = make_shop(tier={"price_minor": 0, "deposit_kind": "none", "deposit_minor": 0})

        answer = client.post(details_address(tier), DETAILS, follow=True)

        assert "Your booking is confirmed" in answer.content.decode()

    def test_keeps_what_was_typed_beside_the_error(self, client):
        answer = client.post(details_address(make_shop()), DETAILS | {"email": "bao@"})

        text = answer.content.decode()
        assert "Enter a valid email address." in text
        assert 'value="Trần Quốc Bảo"' in text
        assert 'aria-invalid="true"' in text
        assert Booking.objects.count() == 0

    def test_shows_what_is_still_free_when_somebody_was_faster(self, client):
        tier = make_shop()
        client.post(details_address(tier), DETAILS)

        answer = Client().post(
            details_address(tier), DETAILS | {"email": "late@example.test"}, follow=True
        )

        text = answer.content.decode()
        assert "That time was just taken." in text
        assert 'value="2028-06-05T09:00:00Z"' not in text
        assert 'value="2028-06-05T10:00:00Z"' in text
        assert Booking.objects.count() == 1

    def test_sending_the_form_twice_takes_one_time(self, client):
        tier = make_shop(staff=2)

        client.post(details_address(tier), DETAILS)
        client.post(details_address(tier), DETAILS)

        assert Booking.objects.count() == 1

    @pytest.mark.row("A17")
    def test_is_limited_so_that_nobody_holds_every_time(self, client, settings):
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, "general": 2}
        tier = make_shop()

        answers = [
            client.post(details_address(tier, at(hour)), DETAILS).status_code
            for hour in (9, 10, 11)
        ]

        assert answers == [302, 302, 429]
        assert Booking.objects.count() == 2

    def test_what_a_customer_sent_opens_their_booking_to_nobody_else(self, client):
        tier = make_shop()
        client.post(details_address(tier), DETAILS)
        address = reverse("booking", args=[Booking.objects.get().public_id])
        stranger = Client()

        answer = stranger.post(details_address(tier), DETAILS, follow=True)

        assert "Open it by the link in our email." in answer.content.decode()
        assert Booking.objects.count() == 1
        assert stranger.get(address).status_code == 302
        assert client.get(address).status_code == 200


@pytest.mark.django_db
@pytest.mark.row("A1")
class TestReturningFromTheProvider:
    def page_of(self, client, query, **payment):
        booking = booked()
        client.force_login(MembershipFactory(business=booking.business).user)
        PaymentFactory(
            business=booking.business,
            contact=booking.contact,
            payable_type="booking",
            payable_id=booking.public_id,
            **payment,
        )
        address = reverse("booking", args=[booking.public_id])
        return client.get(f"{address}{query}").content.decode()

    def test_is_not_asked_to_pay_again_while_the_notice_is_on_its_way(self, client):
        text = self.page_of(client, "?back=1")

        assert "Waiting for the payment provider" in text
        assert "I have not paid yet" in text
        assert "One step left: the payment" not in text

    @pytest.mark.parametrize("query", ["", "?back=1&canceled=1"])
    def test_who_came_without_paying_may_pay(self, client, query):
        text = self.page_of(client, query)

        assert "One step left: the payment" in text
        assert "Waiting for the payment provider" not in text

    def test_reads_at_once_that_it_failed(self, client):
        text = self.page_of(client, "?back=1", status="failed")

        assert "The payment did not go through." in text
        assert "Waiting for the payment provider" not in text


@pytest.mark.django_db
@pytest.mark.row("B9")
class TestWhoMayOpenABooking:
    def test_a_stranger_is_asked_to_sign_in(self, client):
        address = reverse("booking", args=[booked().public_id])

        answer = client.get(address)

        assert answer.status_code == 302
        assert answer.url == f"{reverse('account_login')}?next={address}"

    def test_another_customer_is_refused(self, client):
        client.force_login(UserFactory())

        assert client.get(reverse("booking", args=[booked().public_id])).status_code == 403

    def test_the_signed_link_opens_its_booking_and_no_other(self, client):
        mine, other = booked(), booked()

        opened = client.get(
            reverse("guest_link", args=[guest_token(subject=mine.public_id)]), follow=True
        )

        assert opened.redirect_chain == [(reverse("booking", args=[mine.public_id]), 302)]
        assert opened.status_code == 200
        assert client.get(reverse("booking", args=[other.public_id])).status_code == 302

    def test_a_forged_link_opens_nothing(self, client):
        token = guest_token(subject=booked().public_id)[:-1] + "x"

        assert client.get(reverse("guest_link", args=[token])).status_code == 404


@pytest.mark.django_db
class TestCanceling:
    def opened(self, client, booking):
        client.get(reverse("guest_link", args=[guest_token(subject=booking.public_id)]))
        return reverse("booking_cancel", args=[booking.public_id])

    def test_shows_what_comes_back_before_it_is_decided(self, client):
        address = self.opened(client, booked(confirmed=True, paid_minor=2000))

        text = client.get(address).content.decode()

        assert "You get back" in text
        assert text.count("$20.00") == 2

    def test_keeps_the_deposit_within_a_day_of_the_start(self, client):
        address = self.opened(client, booked(confirmed=True, paid_minor=2000))

        with time_machine.travel(NINE - timedelta(hours=23), tick=False):
            text = client.get(address).content.decode()

        assert "$0.00" in text
        assert "the deposit stays with the business" in text

    def test_cancels(self, client):
        booking = booked(confirmed=True)

        client.post(self.opened(client, booking), {"reason": "Fell ill"})

        booking.refresh_from_db()
        assert booking.status == Booking.Status.CANCELED
        assert booking.cancel_reason == "Fell ill"


@pytest.mark.django_db
@pytest.mark.row("A2")
class TestConversation:
    def test_a_guest_writes_under_the_customers_name(self, client):
        booking = booked(confirmed=True)
        client.get(reverse("guest_link", args=[guest_token(subject=booking.public_id)]))

        client.post(reverse("booking_messages", args=[booking.public_id]), {"body": "Hello"})

        message = ConversationMessage.objects.get()
        assert (message.side, message.author_name, message.body) == (
            "customer",
            booking.contact.name,
            "Hello",
        )

    def test_staff_answer_for_the_business(self, client):
        booking = booked(confirmed=True)
        client.force_login(MembershipFactory(business=booking.business).user)

        client.post(reverse("booking_messages", args=[booking.public_id]), {"body": "Welcome"})

        assert ConversationMessage.objects.get().side == "business"

    def test_an_empty_message_is_said_to_be_one(self, client):
        booking = booked(confirmed=True)
        client.force_login(MembershipFactory(business=booking.business).user)

        answer = client.post(reverse("booking_messages", args=[booking.public_id]), {"body": " "})

        assert answer.status_code == 400
        assert ConversationMessage.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.row("A2", "E7")
class TestCustomerHome:
    def test_shows_the_next_appointment_what_to_do_and_only_ones_own(self, client):
        user = UserFactory(full_name="Đặng Thuỳ Linh")
        booking = booked()
        booking.contact.user = user
        booking.contact.save()
        other = booked()
        client.force_login(user)

        text = client.get(reverse("account_home")).content.decode()

        assert "Next appointment" in text
        assert f"Pay the deposit for {booking.service.name}" in text
        assert other.service.name not in text

    @pytest.mark.parametrize("tab", ["", "past", "payments"])
    def test_says_what_to_do_when_there_is_nothing(self, client, tab):
        client.force_login(UserFactory())

        page = client.get(reverse("account_home"), {"tab": tab})

        assert page.status_code == 200
        assert 'class="empty"' in page.content.decode()
