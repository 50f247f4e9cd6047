"""A business with an owner and a customer, fixed links, and realtime processes to listen to."""

import pytest
from django.conf import settings

from accounts.models import Business, Contact, User
from notifications import links
from tests.factories.accounts import BusinessFactory, ContactFactory, MembershipFactory, UserFactory
from tests.notifications.realtime import Realtime


@pytest.fixture(autouse=True)
def booking_links(monkeypatch):
    """Give bookings an address that doesn't depend on the pages above."""
    monkeypatch.setitem(
        links._builders, "bkg", lambda subject, audience: f"/{audience}/bookings/{subject}"
    )


@pytest.fixture(scope="session")
def realtime(django_db_setup, tmp_path_factory):
    """Run one realtime process for the session against the test database."""
    with Realtime(tmp_path_factory.mktemp("realtime"), redis_url=settings.REDIS_URL) as process:
        yield process


@pytest.fixture(scope="session")
def second_realtime(django_db_setup, tmp_path_factory):
    """Run another one beside it."""
    with Realtime(tmp_path_factory.mktemp("second"), redis_url=settings.REDIS_URL) as process:
        yield process


@pytest.fixture
def business(db) -> Business:
    return BusinessFactory(
        slug="lotus-spa",
        name="Lotus Spa",
        address="12 Hàng Bạc, Hà Nội",
        email="desk@lotus.example",
        phone="+84901234567",
        accent="#b4236b",
    )


@pytest.fixture
def owner(business) -> User:
    user = UserFactory(email="owner@lotus.example", full_name="Trần Lan")
    MembershipFactory(business=business, user=user)
    return user


@pytest.fixture
def customer(business) -> Contact:
    return ContactFactory(
        business=business, name="Nguyễn Thị Minh Khai", email="khai@customer.example"
    )
