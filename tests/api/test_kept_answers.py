"""Free times repeated before the view: the same answer, never an old one, always counted."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.db import transaction

from bookings import actions
from common import kept_answers
from tests.bookings.test_creating import book
from tests.factories.bookings import CalendarFactory, make_shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.row("B8")]


@pytest.fixture
def tier(time_machine):
    time_machine.move_to(dt.datetime(2028, 6, 1, tzinfo=dt.UTC), tick=False)
    kept_answers.forget()
    return make_shop()


@pytest.fixture
def path(tier) -> str:
    slug = tier.service.business.slug
    return f"/api/v1/businesses/{slug}/availability?tier={tier.public_id}&from=2028-06-05"


@pytest.fixture
def views(monkeypatch) -> list[str]:
    """Return the requests that reached the view."""
    from bookings.api.availability import AvailabilityView

    reached: list[str] = []
    dispatch = AvailabilityView.dispatch

    def noting(self, request, *args, **kwargs):
        reached.append(request.path)
        return dispatch(self, request, *args, **kwargs)

    monkeypatch.setattr(AvailabilityView, "dispatch", noting)
    return reached


class TestRepeating:
    def test_answers_a_stranger_with_the_same_bytes_and_headers(self, client, path, views):
        own = {"RateLimit", "RateLimit-Remaining", "X-Request-ID"}
        first = client.get(path, headers={"Origin": "https://shop.example"})
        again = client.get(path, headers={"Origin": "https://shop.example"})

        assert len(views) == 1
        assert again.content == first.content
        told, repeated = dict(first.items()), dict(again.items())
        assert {k: v for k, v in told.items() if k not in own} == {
            k: v for k, v in repeated.items() if k not in own
        }
        assert again.headers["Access-Control-Allow-Origin"] == "https://shop.example"
        assert repeated["X-Request-ID"] != told["X-Request-ID"]

    def test_counts_each_request_once(self, client, path, views):
        left = [client.get(path).headers["RateLimit-Remaining"] for _ in range(3)]

        assert len(views) == 1
        assert left == ["59", "58", "57"]

    def test_refuses_above_the_limit(self, client, path, settings, views):
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, "general": 2}

        statuses = [client.get(path).status_code for _ in range(4)]

        assert statuses == [200, 200, 429, 429]
        assert client.get(path).headers["RateLimit-Remaining"] == "0"

    def test_answers_304_to_who_holds_it(self, client, path, views):
        etag = client.get(path).headers["ETag"]

        answer = client.get(path, headers={"If-None-Match": etag})

        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["ETag"] == etag
        assert "Content-Length" not in answer.headers
        assert len(views) == 1


class TestFreshness:
    def test_is_over_with_any_change(self, client, path, tier, views):
        before = client.get(path).json()["starts"]

        actions.set_weekly_hours(
            business=tier.service.business, openings={0: [(dt.time(9), dt.time(10))]}
        )

        after = client.get(path).json()["starts"]
        assert len(before) > len(after) > 0
        assert len(views) == 2

    def test_is_over_after_five_seconds(self, client, path, tier, views, monkeypatch):
        clock = [1000.0]
        monkeypatch.setattr("common.kept_answers.time.monotonic", lambda: clock[0])
        client.get(path)
        clock[0] += 4.9
        client.get(path)
        assert len(views) == 1

        clock[0] += 0.2
        client.get(path)

        assert len(views) == 2

    def test_is_over_when_redis_forgot_everything(self, client, path, views):
        client.get(path)
        cache.clear()

        assert client.get(path).status_code == 200
        assert len(views) == 2

    def test_is_not_for_people_with_a_session(self, client, path, views):
        client.get(path)
        client.cookies["frontdesk_session"] = "x" * 32

        client.get(path)

        assert len(views) == 2

    def test_tells_hosts_origins_languages_and_formats_apart(self, client, path, views):
        client.get(path)
        for number, headers in enumerate(
            (
                {"Origin": "https://shop.example"},
                {"Host": "other.example"},
                {"Accept-Language": "vi"},
                {"Accept": "application/json"},
                {"X-Forwarded-Proto": "https"},
            )
        ):
            client.get(path, headers=headers)
            assert len(views) == 2 + number

    def test_does_not_spare_a_caller_the_way_to_https(self, client, path, settings):
        settings.SECURE_SSL_REDIRECT = True
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        assert client.get(path, headers={"X-Forwarded-Proto": "https"}).status_code == 200

        answer = client.get(path)

        assert answer.status_code == 301
        assert answer.headers["Location"] == f"https://testserver{path}"

    def test_is_over_with_a_booking_of_somebody_who_has_just_joined(self, client, path, tier):
        """The first list after that is made with the names known before."""
        business = tier.service.business
        book(tier)
        assert client.get(path).json()["starts"][0] == "2028-06-05T10:00:00+00:00"
        joined = CalendarFactory(business=business)
        tier.service.performers.add(joined)
        with transaction.atomic():
            actions.availability_edited(business=business)
        assert client.get(path).json()["starts"][0] == "2028-06-05T09:00:00+00:00"

        book(tier, calendar_id=joined.public_id)

        assert client.get(path).json()["starts"][0] == "2028-06-05T10:00:00+00:00"
