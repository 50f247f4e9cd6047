"""Smallest valid services, calendars and bookings. A Monday in June 2028, in UTC, is "the day"."""

from datetime import UTC, datetime, time, timedelta

import factory
from factory.django import DjangoModelFactory

from bookings.models import Booking, Calendar, Occupancy, Service, TaskTemplate, Tier, WeeklyRule
from tests.factories.accounts import BusinessFactory, ContactFactory, StaffFactory

NOW = datetime(2028, 6, 1, 12, tzinfo=UTC)
DAY = datetime(2028, 6, 5, tzinfo=UTC)
NINE = DAY.replace(hour=9)


def at(hour: int, minute: int = 0) -> datetime:
    return DAY.replace(hour=hour, minute=minute)


class CalendarFactory(DjangoModelFactory[Calendar]):
    class Meta:
        model = Calendar

    class Params:
        person = factory.Trait(staff=factory.SubFactory(StaffFactory))

    business = factory.SubFactory(BusinessFactory, timezone="UTC", currency="USD")
    name = factory.Sequence(lambda n: f"Calendar {n}")


class ServiceFactory(DjangoModelFactory[Service]):
    class Meta:
        model = Service
        skip_postgeneration_save = True

    business = factory.SubFactory(BusinessFactory, timezone="UTC", currency="USD")
    name = factory.Sequence(lambda n: f"Service {n}")
    slug = factory.Sequence(lambda n: f"service-{n}")


class TierFactory(DjangoModelFactory[Tier]):
    """An hour for 80.00 with 20.00 due at once, on the hour."""

    class Meta:
        model = Tier

    class Params:
        free = factory.Trait(price_minor=0, deposit_kind=Tier.Deposit.NONE, deposit_minor=0)
        group = factory.Trait(seats=3)

    service = factory.SubFactory(ServiceFactory)
    name = "60 minutes"
    price_minor = 8000
    deposit_kind = Tier.Deposit.AMOUNT
    deposit_minor = 2000
    duration_minutes = 60
    step_minutes = 60
    horizon_days = 365


class WeeklyRuleFactory(DjangoModelFactory[WeeklyRule]):
    class Meta:
        model = WeeklyRule

    business = factory.SubFactory(BusinessFactory)
    weekday = 0
    start_time = time(9)
    end_time = time(17)


class TaskTemplateFactory(DjangoModelFactory[TaskTemplate]):
    class Meta:
        model = TaskTemplate

    service = factory.SubFactory(ServiceFactory)
    title = "Prepare the room"
    offset_minutes = -15


class BookingFactory(DjangoModelFactory[Booking]):
    """A row as it stands, holding no time; with `tier` and `calendar` of one business."""

    class Meta:
        model = Booking

    class Params:
        confirmed = factory.Trait(
            status=Booking.Status.CONFIRMED, confirmed_at=NOW, hold_expires_at=None
        )

    tier = factory.SubFactory(TierFactory)
    service = factory.LazyAttribute(lambda booking: booking.tier.service)
    business = factory.LazyAttribute(lambda booking: booking.service.business)
    contact = factory.SubFactory(
        ContactFactory, business=factory.SelfAttribute("..tier.service.business")
    )
    calendar = factory.SubFactory(
        CalendarFactory, business=factory.SelfAttribute("..tier.service.business")
    )
    status = Booking.Status.PENDING
    hold_expires_at = NOW + timedelta(minutes=15)
    starts_at = NINE
    ends_at = NINE + timedelta(hours=1)
    currency = "USD"
    price_minor = 8000
    deposit_minor = 2000


class OccupancyFactory(DjangoModelFactory[Occupancy]):
    class Meta:
        model = Occupancy

    calendar = factory.SubFactory(CalendarFactory)
    blocked_from = NINE
    blocked_to = NINE + timedelta(hours=1)


def make_shop(*, staff: int = 1, tier: dict[str, object] | None = None, **calendar: object) -> Tier:
    """Return a tier with so many people, open on Mondays from 9 to 17 UTC."""
    made = TierFactory(**(tier or {}))
    business = made.service.business
    WeeklyRuleFactory(business=business)
    for number in range(staff):
        options = {"person": True, "name": f"Person {number}", **calendar}
        made.service.performers.add(CalendarFactory(business=business, **options))
    return made
