"""Setting up a business: each step is kept, and at the end a customer can book."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Business, BusinessSetup, Membership, Role
from accounts.onboarding import registry
from bookings.models import Calendar, Service, Tier, WeeklyRule
from events.models import Event
from tests.factories.accounts import BusinessFactory, MembershipFactory, UserFactory

MONDAY_MORNING = dt.datetime(2028, 6, 5, 1, tzinfo=dt.UTC)
NAME = {"name": "Tiệm Tóc Hạnh", "slug": "", "browser_zone": "Asia/Saigon"}
PLACE = {"timezone": "Asia/Ho_Chi_Minh", "currency": "VND"}
HOURS = {"start_0_0": "09:00", "end_0_0": "17:00"}
SERVICE = {
    "service_name": "Haircut",
    "summary": "Wash and cut",
    "duration_minutes": "45",
    "price": "250000",
    "deposit_kind": "percent",
    "deposit": "20",
}


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY_MORNING, tick=False):
        yield


@pytest.fixture
def owner(db):
    return UserFactory(full_name="Lê Hạnh", locale="vi")


@pytest.fixture
def desk(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def begun(desk) -> Business:
    desk.post(reverse("setup"), NAME)
    return Business.objects.get()


def step(client: Client, business: Business, name: str, data: dict[str, str]):
    return client.post(reverse("setup_step", args=[business.slug, name]), data)


def go_through(client: Client, business: Business) -> None:
    for name, data in (("place", PLACE), ("hours", HOURS), ("service", SERVICE)):
        assert step(client, business, name, data).status_code == 302


@pytest.mark.row("E1")
class TestBegin:
    def test_makes_a_closed_business_from_a_name_and_the_browsers_zone(self, desk, owner, begun):
        assert (begun.slug, begun.timezone, begun.currency, begun.locale, begun.is_active) == (
            "tiem-toc-hanh",
            "Asia/Ho_Chi_Minh",
            "VND",
            "vi",
            False,
        )
        assert Membership.objects.get(business=begun).role == Role.OWNER
        assert Client().get(reverse("business", args=[begun.slug])).status_code == 302

    def test_leads_to_the_next_step(self, desk):
        answer = desk.post(reverse("setup"), NAME)

        assert answer.headers["Location"] == "/setup/tiem-toc-hanh/place/"

    @pytest.mark.parametrize("slug", ["taken", "bookings"])
    def test_refuses_a_taken_or_reserved_address_and_names_a_free_one(self, desk, slug):
        BusinessFactory(slug="taken")

        answer = desk.post(reverse("setup"), {**NAME, "slug": slug})

        assert answer.status_code == 400
        assert (
            f"This address is taken. Free is, for example, {slug}-2."
            in answer.content.decode().replace("&#x27;", "'")
        )
        assert Business.objects.count() == 1

    def test_refuses_a_name_of_which_no_address_can_be_made(self, desk):
        answer = desk.post(reverse("setup"), {**NAME, "name": "髪結い"})

        assert answer.status_code == 400
        assert "Write an address of letters and digits" in answer.content.decode()

    def test_stops_who_begins_ever_more(self, desk, owner):
        for number in range(5):
            desk.post(reverse("setup"), {**NAME, "slug": f"shop-{number}"})

        answer = desk.post(reverse("setup"), {**NAME, "slug": "shop-6"})

        assert answer.status_code == 400
        assert "Finish one of the businesses" in answer.content.decode()
        assert Business.objects.count() == 5

    def test_sends_strangers_to_sign_in(self, client, db):
        answer = client.get(reverse("setup"))

        assert answer.headers["Location"] == "/account/auth/login/?next=/setup/"

    @pytest.mark.parametrize(
        ("query", "trigger", "said", "replaces"),
        [
            ({"name": "Lotus Spa"}, "id_name", "/b/lotus-spa-2/ is free.", True),
            ({"name": "Lotus Spa", "slug": "lotus-spa"}, "id_slug", "is taken", False),
            ({"name": "Lotus Spa", "slug": "my-own"}, "id_name", "/b/my-own/ is free.", False),
            (
                {"name": "Lotus B", "slug": "lotus", "suggested": "lotus"},
                "id_name",
                "/b/lotus-b/ is free.",
                True,
            ),
        ],
    )
    def test_says_while_one_types_whether_an_address_is_free(
        self, desk, query, trigger, said, replaces
    ):
        BusinessFactory(slug="lotus-spa")

        answer = desk.get(reverse("setup_address"), query, headers={"HX-Trigger": trigger})

        assert said in answer.content.decode()
        assert ("hx-swap-oob" in answer.content.decode()) == replaces


@pytest.mark.row("E1")
class TestSteps:
    def test_end_on_a_page_where_a_customer_can_book(self, desk, begun):
        go_through(desk, begun)
        closed = Client().get(reverse("business", args=[begun.slug])).status_code

        desk.post(reverse("setup_open", args=[begun.slug]))
        finish = desk.get(reverse("setup_finish", args=[begun.slug])).content.decode()
        page = Client().get(reverse("business", args=[begun.slug]))
        times = Client().get(reverse("service", args=[begun.slug, "haircut"])).content.decode()

        assert (closed, page.status_code) == (302, 200)
        assert "Your page is open" in finish
        assert f'href="{reverse("business", args=[begun.slug])}"' in finish
        assert "Say who you are" in finish
        assert "Haircut" in page.content.decode()
        assert 'value="2028-06-05T02:00:00Z"' in times
        tier = Tier.objects.get()
        assert (tier.price_minor, tier.deposit_percent, tier.duration_minutes) == (250000, 20, 45)
        assert Calendar.objects.get(staff__user=Membership.objects.get().user).business == begun

    def test_are_each_kept_and_taken_up_where_they_were_left(self, desk, begun):
        step(desk, begun, "place", {**PLACE, "timezone": "Asia/Bangkok"})

        later = Client()
        later.force_login(Membership.objects.get(business=begun).user)
        home = later.get(reverse("manage_home"))
        resumed = later.get(reverse("setup_resume", args=[begun.slug]))

        begun.refresh_from_db()
        assert begun.timezone == "Asia/Bangkok"
        assert "Not open yet" in home.content.decode()
        assert resumed.headers["Location"] == f"/setup/{begun.slug}/hours/"

    def test_show_what_was_saved_when_one_goes_back(self, desk, begun):
        go_through(desk, begun)

        page = desk.get(reverse("setup_step", args=[begun.slug, "service"]))
        step(desk, begun, "service", {**SERVICE, "service_name": "Cut", "price": "260000"})

        assert 'value="Haircut"' in page.content.decode()
        assert f'href="/setup/{begun.slug}/hours/"' in page.content.decode()
        assert Service.objects.get().name == "Cut"
        assert Tier.objects.get().price_minor == 260000

    def test_sent_twice_leave_one_of_each(self, desk, begun):
        go_through(desk, begun)
        go_through(desk, begun)

        assert (Service.objects.count(), Tier.objects.count(), Calendar.objects.count()) == (
            1,
            1,
            1,
        )
        assert WeeklyRule.objects.count() == 1
        assert BusinessSetup.objects.get().done_steps == ["name", "place", "hours", "service"]

    def test_refuse_a_week_in_which_nobody_could_come(self, desk, begun):
        answer = step(desk, begun, "hours", {})

        assert answer.status_code == 400
        assert "Open at least once a week" in answer.content.decode()
        assert WeeklyRule.objects.count() == 0

    @pytest.mark.parametrize(
        ("name", "changes", "sentence"),
        [
            ("place", {"timezone": "Mars/Olympus"}, "Select a valid choice."),
            ("place", {"currency": "XXX"}, "Select a valid choice."),
            ("service", {"price": "250000.5"}, "This currency has no such small unit."),
            ("service", {"service_name": ""}, "This field is required."),
        ],
    )
    def test_refuse_beside_the_field_and_keep_what_was_typed(
        self, desk, begun, name, changes, sentence
    ):
        step(desk, begun, "place", PLACE)
        data = {"place": PLACE, "service": SERVICE}[name]

        answer = step(desk, begun, name, {**data, **changes})

        assert answer.status_code == 400
        assert sentence in answer.content.decode()

    def test_leave_the_currency_alone_once_there_is_a_price(self, desk, begun):
        go_through(desk, begun)

        step(desk, begun, "place", {"timezone": "Asia/Tokyo", "currency": "JPY"})

        begun.refresh_from_db()
        assert (begun.timezone, begun.currency) == ("Asia/Tokyo", "VND")

    def test_of_another_business_are_refused_and_of_none_missing(self, desk, begun):
        other = MembershipFactory().user
        clerk = MembershipFactory(business=begun, role=Role.FRONT_DESK).user
        address = reverse("setup_step", args=[begun.slug, "place"])

        def answer(user, path=address):
            visitor = Client()
            visitor.force_login(user)
            return visitor.get(path).status_code

        assert (answer(other), answer(clerk)) == (403, 403)
        assert answer(other, "/setup/nobody/place/") == 404
        assert desk.get(f"/setup/{begun.slug}/nothing/").status_code == 404
        assert Client().get(address).status_code == 302

    def test_come_from_a_registry_and_may_be_skipped(self, desk, begun):
        place = next(item for item in registry.steps() if item.name == "place")
        extra = registry.SetupStep(
            "extra", "Payment", "How money comes in.", 50, place.build, place.save, can_skip=True
        )
        registry.add_step(extra)
        try:
            go_through(desk, begun)
            page = desk.get(reverse("setup_step", args=[begun.slug, "extra"])).content.decode()
            desk.post(reverse("setup_open", args=[begun.slug]))
            finish = desk.get(reverse("setup_finish", args=[begun.slug])).content.decode()
        finally:
            registry._steps.pop("extra")

        begun.refresh_from_db()
        assert "Skip for now" in page
        assert begun.is_active
        assert f'href="/setup/{begun.slug}/extra/"' in finish


@pytest.mark.row("E1")
class TestOpening:
    def test_waits_for_every_step_that_is_needed(self, desk, begun):
        step(desk, begun, "place", PLACE)

        desk.post(reverse("setup_open", args=[begun.slug]))
        page = desk.get(reverse("setup_finish", args=[begun.slug])).content.decode()

        begun.refresh_from_db()
        assert not begun.is_active
        assert "Before the page can open: Opening hours, First service." in page

    def test_is_told_once_however_often_it_is_pressed(self, desk, begun):
        go_through(desk, begun)

        desk.post(reverse("setup_open", args=[begun.slug]))
        desk.post(reverse("setup_open", args=[begun.slug]))

        assert Event.objects.filter(type="business.opened").count() == 1

    def test_does_not_reopen_what_its_owner_closed(self, desk, begun):
        go_through(desk, begun)
        desk.post(reverse("setup_open", args=[begun.slug]))
        Business.objects.update(is_active=False)

        desk.post(reverse("setup_open", args=[begun.slug]))

        assert not Business.objects.get().is_active

    def test_keeps_the_address_customers_have(self, desk, begun):
        go_through(desk, begun)
        desk.post(reverse("setup_open", args=[begun.slug]))

        step(desk, begun, "name", {"name": "Hạnh", "slug": "other"})

        begun.refresh_from_db()
        assert (begun.name, begun.slug) == ("Hạnh", "tiem-toc-hanh")


class TestDashboard:
    def test_leads_who_has_no_business_to_the_setup(self, desk):
        page = desk.get(reverse("manage_home")).content.decode()

        assert f'href="{reverse("setup")}"' in page

    def test_says_on_every_page_that_customers_cannot_come_yet(self, desk, begun):
        page = desk.get(reverse("manage_services", args=[begun.slug])).content.decode()

        assert "Your page is not open yet" in page
        assert f'href="/setup/{begun.slug}/"' in page
