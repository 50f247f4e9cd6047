import datetime as dt

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import actions as people
from accounts.models import Business, Role
from bookings.queries import versions
from tests.api.conftest import signed_in, wish
from tests.factories.accounts import BusinessFactory, MembershipFactory, UserFactory
from tests.factories.bookings import NINE, BookingFactory, OccupancyFactory, TierFactory, make_shop


@pytest.mark.django_db
class TestBusinesses:
    def test_are_listed_by_name_without_closed_ones(self, guest):
        for name in ("Lotus Spa", "Alpha Plumbing", "Midtown Yoga"):
            BusinessFactory(name=name)
        BusinessFactory(name="Closed", is_active=False)

        names = [row["name"] for row in guest.get("/api/v1/businesses").json()["data"]]

        assert names == ["Alpha Plumbing", "Lotus Spa", "Midtown Yoga"]

    def test_are_found_by_a_word(self, guest):
        BusinessFactory(name="Lotus Spa")
        BusinessFactory(name="Alpha", tagline="A spa for pipes")
        BusinessFactory(name="Yoga")

        page = guest.get("/api/v1/businesses?search=spa").json()

        assert [row["name"] for row in page["data"]] == ["Alpha", "Lotus Spa"]

    def test_are_read_by_slug_and_by_id(self, guest):
        business = BusinessFactory(slug="lotus", name="Lotus Spa", phone="0281234567")

        by_slug = guest.get("/api/v1/businesses/lotus").json()

        assert by_slug == guest.get(f"/api/v1/businesses/{business.public_id}").json()
        assert (by_slug["name"], by_slug["phone"], by_slug["currency"]) == (
            "Lotus Spa",
            "0281234567",
            "VND",
        )
        assert "pk" not in by_slug

    def test_that_are_closed_are_for_their_members(self, guest):
        closed = BusinessFactory(slug="closed", is_active=False)

        path = "/api/v1/businesses/closed"
        assert guest.get(path).status_code == 401
        assert signed_in(UserFactory()).get(path).status_code == 403
        assert signed_in(MembershipFactory(business=closed).user).get(path).status_code == 200

    @pytest.mark.row("B8")
    def test_are_kept_and_dropped_by_a_change(
        self, guest, django_assert_num_queries, django_capture_on_commit_callbacks
    ):
        business = BusinessFactory(slug="lotus", name="Lotus Spa")
        first = guest.get("/api/v1/businesses/lotus")
        with django_assert_num_queries(0):
            kept = guest.get("/api/v1/businesses/lotus")
        with django_capture_on_commit_callbacks(execute=True):
            people.update_business(business_id=business.pk, actor="usr_x", name="Lotus Day Spa")

        changed = guest.get("/api/v1/businesses/lotus", **{"If-None-Match": first.headers["ETag"]})

        assert kept.json()["name"] == "Lotus Spa"
        assert (changed.status_code, changed.json()["name"]) == (200, "Lotus Day Spa")

    def test_are_not_kept_by_a_reader_that_was_overtaken(
        self, guest, django_capture_on_commit_callbacks
    ):
        business = BusinessFactory(slug="lotus", name="Old")
        stale = Business.objects.get(pk=business.pk)
        with django_capture_on_commit_callbacks(execute=True):
            people.update_business(business_id=business.pk, actor="usr_x", name="New")
        cache.add("profile:lotus", stale, 600)

        assert guest.get("/api/v1/businesses/lotus").json()["name"] == "New"

    def test_answer_304_to_a_holder_of_this_version(self, guest):
        BusinessFactory(slug="lotus")
        first = guest.get("/api/v1/businesses/lotus")

        again = guest.get("/api/v1/businesses/lotus", **{"If-None-Match": first.headers["ETag"]})

        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert first.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.django_db
class TestServices:
    def test_show_tiers_and_performers(self, tier, guest):
        slug = tier.service.business.slug

        data = guest.get(f"/api/v1/businesses/{slug}/services").json()["data"]

        assert [row["id"] for row in data] == [tier.service.public_id]
        assert data[0]["tiers"] == [
            {
                "id": tier.public_id,
                "name": "60 minutes",
                "description": "",
                "currency": "USD",
                "price_minor": 8000,
                "deposit_minor": 2000,
                "duration_minutes": 60,
                "seats": 1,
                "needs_approval": False,
            }
        ]
        assert [item["name"] for item in data[0]["performers"]] == ["Person 0"]
        one = guest.get(f"/api/v1/businesses/{slug}/services/{tier.service.slug}").json()
        assert one == data[0]
        assert guest.get(f"/api/v1/businesses/{slug}/services/none").status_code == 404

    @pytest.mark.row("B8")
    def test_are_kept_and_dropped_by_a_change(self, tier, guest, django_assert_num_queries):
        path = f"/api/v1/businesses/{tier.service.business.slug}/services"
        first = guest.get(path)
        with django_assert_num_queries(0):
            assert guest.get(path, **{"If-None-Match": first.headers["ETag"]}).status_code == 304
        TierFactory(service=tier.service, name="90 minutes")
        versions.bump([tier.service.business.public_id])

        changed = guest.get(path, **{"If-None-Match": first.headers["ETag"]})

        assert changed.status_code == 200
        assert len(changed.json()["data"][0]["tiers"]) == 2

    def test_take_the_same_statements_at_any_size(self, guest, many_requests):
        counts = []
        for size in (1, 10, 100):
            tier = make_shop()
            for number in range(size - 1):
                other = TierFactory(service__business=tier.service.business)
                other.service.performers.set(tier.service.performers.all())
                assert number >= 0
            path = f"/api/v1/businesses/{tier.service.business.slug}/services"
            with CaptureQueriesContext(connection) as captured:
                data = guest.get(path).json()["data"]
            counts.append((len(data), len(captured)))

        assert counts == [(1, 4), (10, 4), (100, 4)]


@pytest.mark.django_db
class TestAvailability:
    @pytest.fixture
    def path(self, tier):
        slug = tier.service.business.slug
        return f"/api/v1/businesses/{slug}/availability?tier={tier.public_id}"

    @pytest.mark.row("B3")
    def test_lists_free_starts_in_the_zone_asked_for(self, tier, path, guest):
        OccupancyFactory(calendar=tier.service.performers.get())

        plain = guest.get(f"{path}&date=2028-06-05").json()
        local = guest.get(f"{path}&date=2028-06-05&tz=Asia/Ho_Chi_Minh").json()

        assert plain["starts"] == [f"2028-06-05T{hour:02}:00:00+00:00" for hour in range(10, 17)]
        assert (plain["timezone"], plain["tz"], plain["duration_minutes"]) == ("UTC", "UTC", 60)
        assert local["tz"] == "Asia/Ho_Chi_Minh"
        assert local["starts"] == [f"2028-06-05T{hour:02}:00:00+07:00" for hour in range(17, 24)]

    def test_covers_thirty_days_by_itself(self, path, guest):
        starts = guest.get(path).json()["starts"]

        days = sorted({start[:10] for start in starts})
        assert days == ["2028-06-05", "2028-06-12", "2028-06-19", "2028-06-26"]

    def test_is_the_same_by_the_short_address(self, tier, path, guest):
        slug = tier.service.business.slug
        short = f"/api/availability/{slug}?tier={tier.public_id}&date=2028-06-05"

        assert guest.get(short).json() == guest.get(f"{path}&date=2028-06-05").json()

    def test_asks_one_performer_when_told(self, guest):
        tier = make_shop(staff=2)
        first, second = tier.service.performers.order_by("pk")
        OccupancyFactory(calendar=first)
        path = f"/api/v1/businesses/{tier.service.business.slug}/availability?tier={tier.public_id}"

        def count(staff: str) -> int:
            return len(guest.get(f"{path}&date=2028-06-05{staff}").json()["starts"])

        assert (
            count(""),
            count(f"&staff={first.public_id}"),
            count(f"&staff={second.public_id}"),
        ) == (
            8,
            7,
            8,
        )

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("&date=2028-13-05", "date"),
            ("&date=1999-01-01", "date"),
            ("&date=2028-06-05&to=2028-06-06", "date"),
            ("&from=2028-06-05&to=2028-06-04", "to"),
            ("&from=2028-06-05&to=2028-09-06", "to"),
            ("&tz=Mars/Base", "tz"),
            ("&tz=../../etc/passwd", "tz"),
            ("&staff=cal_1", "staff"),
            ("&day=2028-06-05", "day"),
        ],
    )
    def test_refuses_a_wrong_query(self, path, guest, query, field):
        answer = guest.get(f"{path}{query}")

        assert answer.status_code == 400
        assert [item["field"] for item in answer.json()["details"]] == [field]

    def test_is_missing_for_anothers_tier(self, path, guest):
        other = make_shop()
        slug = BusinessFactory().slug

        found = guest.get(f"/api/v1/businesses/{slug}/availability?tier={other.public_id}")

        assert found.status_code == 404

    def test_answers_304_until_a_time_is_taken(
        self, tier, path, guest, django_capture_on_commit_callbacks
    ):
        first = guest.get(path)
        etag = first.headers["ETag"]

        assert guest.get(path, **{"If-None-Match": etag}).status_code == 304
        with django_capture_on_commit_callbacks(execute=True):
            assert guest.send("/api/v1/bookings", wish(tier)).status_code == 201
        changed = guest.get(path, **{"If-None-Match": etag})
        assert changed.status_code == 200
        assert "2028-06-05T09:00:00+00:00" not in changed.json()["starts"]

    def test_takes_no_statement_when_kept(self, path, guest, django_assert_num_queries):
        guest.get(path)

        with django_assert_num_queries(0):
            assert guest.get(path).status_code == 200

    def test_takes_at_most_three_statements_at_any_size(self, guest, many_requests):
        counts = []
        for busy in (1, 10, 100):
            tier = make_shop()
            calendar = tier.service.performers.get()
            for number in range(busy):
                begin = NINE + dt.timedelta(weeks=number)
                booking = BookingFactory(
                    tier=tier,
                    calendar=calendar,
                    starts_at=begin,
                    ends_at=begin + dt.timedelta(hours=1),
                )
                OccupancyFactory(
                    calendar=calendar,
                    booking=booking,
                    blocked_from=begin,
                    blocked_to=begin + dt.timedelta(hours=1),
                )
            slug = tier.service.business.slug
            with CaptureQueriesContext(connection) as captured:
                guest.get(f"/api/v1/businesses/{slug}/availability?tier={tier.public_id}")
            counts.append(len(captured))

        assert counts == [3, 3, 3]


@pytest.mark.django_db
class TestMe:
    def test_shows_the_account_and_its_places(self, tier):
        business = tier.service.business
        user = MembershipFactory(
            business=business, role=Role.FINANCE, user=UserFactory(full_name="Mai")
        ).user

        body = signed_in(user).get("/api/v1/me").json()

        assert (body["id"], body["full_name"]) == (user.public_id, "Mai")
        assert body["memberships"] == [
            {
                "business": business.public_id,
                "slug": business.slug,
                "name": business.name,
                "role": "finance",
            }
        ]


@pytest.mark.django_db
class TestOtherOrigins:
    SHOP = "https://lotus.example"

    def test_may_read_what_is_public_without_credentials(self, guest):
        answer = guest.get("/api/v1/businesses", Origin=self.SHOP)

        assert answer.headers["Access-Control-Allow-Origin"] == self.SHOP
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
        assert "origin" in answer.headers["Vary"].lower()

    def test_may_book_after_asking(self, guest):
        answer = guest.http.options(
            "/api/v1/bookings",
            headers={"Origin": self.SHOP, "Access-Control-Request-Method": "POST"},
        )

        assert answer.headers["Access-Control-Allow-Origin"] == self.SHOP
        allowed = answer.headers["Access-Control-Allow-Headers"]
        assert {"idempotency-key", "x-client-id", "x-booking-token"} <= set(allowed.split(", "))

    @pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/bookings", "/api/v1/payments"])
    def test_may_not_read_what_is_private(self, guest, path):
        answer = guest.get(path, Origin=self.SHOP)

        assert "Access-Control-Allow-Origin" not in answer.headers

    def test_may_when_configured(self, guest, settings):
        settings.CORS_ALLOWED_ORIGINS = [self.SHOP]

        answer = guest.get("/api/v1/me", Origin=self.SHOP)

        assert answer.headers["Access-Control-Allow-Origin"] == self.SHOP
