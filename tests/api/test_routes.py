import pytest
from django.conf import settings

from tests.api.routes import api_routes, is_api_view

ROUTES = api_routes()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
class TestEveryRoute:
    def test_is_an_api_view_with_one_rate_limit(self, route):
        assert is_api_view(route)
        assert route.view.cls.throttle_category in settings.RATE_LIMITS

    def test_counts_money_as_payments(self, route):
        is_money = any(word in route.path for word in ("payment", "refund"))

        assert (route.view.cls.throttle_category == "payments") == is_money

    def test_asks_for_a_key_where_something_is_created(self, route):
        if route.name not in {"api_bookings", "api_payments", "api_refunds"}:
            return

        assert route.view.cls.post.idempotency == "required"

    def test_opens_to_other_origins_only_what_is_open_to_strangers(self, route):
        assert route.view.cls.cors_methods <= route.view.cls.open_methods
