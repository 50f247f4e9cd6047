"""The businesses of a run: made through the product's actions, filled to size by SQL."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection

from accounts import actions as accounts
from accounts.models import Business, User
from bookings import actions as bookings
from bookings.models import Booking, Calendar, Service, Tier

SECRET = "bench-signing-secret"  # noqa: S105  of a database that lives for minutes
OPEN_FROM, OPEN_TO = dt.time(8), dt.time(20)
STEP_MINUTES = 30

# Many rows of a kind that the actions above made one of; `n` counts them.
_OCCUPY = """
INSERT INTO bookings_occupancy (calendar_id, blocked_from, blocked_to, active, exclusive)
SELECT c.id, d.at, d.at + interval '35 minutes', true, true
FROM bookings_calendar c
CROSS JOIN generate_series(0, %(each)s - 1) AS n
CROSS JOIN LATERAL (SELECT %(start)s::timestamptz + (n %% %(days)s) * interval '1 day'
                           + (n / %(days)s) * interval '70 minutes' AS at) d
WHERE c.business_id = %(business)s
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """A business with its people and what they sell."""

    owner: User
    business: Business
    service: Service
    calendars: list[Calendar]
    tiers: list[Tier]


def first_day() -> dt.datetime:
    """Return the midnight, in UTC, from which everything is booked."""
    today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + dt.timedelta(days=1)


def create_shop(slug: str, *, people: int, tiers: int = 1, deposit_minor: int = 0) -> Shop:
    """Make a business open every day from 8 to 20 UTC, with so many people and tiers."""
    owner = User.objects.create(email=f"{slug}@bench.test", full_name="Owner", password="!")  # noqa: S106  nobody signs in with it
    business = accounts.create_business(
        owner=owner, slug=f"{slug}-shop", name=slug.title(), timezone="UTC", currency="EUR"
    )
    bookings.set_weekly_hours(
        business=business, openings={day: [(OPEN_FROM, OPEN_TO)] for day in range(7)}
    )
    service = Service.objects.create(business=business, slug="visit", name="Visit")
    calendars = [
        Calendar.objects.create(business=business, name=f"Person {n}") for n in range(people)
    ]
    service.performers.set(calendars)
    kind = Tier.Deposit.AMOUNT if deposit_minor else Tier.Deposit.NONE
    made = [
        Tier.objects.create(
            service=service,
            name=f"Tier {n}",
            duration_minutes=STEP_MINUTES,
            step_minutes=STEP_MINUTES,
            horizon_days=730,
            price_minor=5000,
            deposit_kind=kind,
            deposit_minor=deposit_minor,
        )
        for n in range(tiers)
    ]
    return Shop(owner, business, service, calendars, made)


def starts(count: int, *, skip: int = 0) -> list[dt.datetime]:
    """Return so many bookable starts of one person, from the first day on."""
    a_day = (OPEN_TO.hour - OPEN_FROM.hour) * 60 // STEP_MINUTES
    opens = first_day() + dt.timedelta(hours=OPEN_FROM.hour)
    return [
        opens + dt.timedelta(days=n // a_day, minutes=n % a_day * STEP_MINUTES)
        for n in range(skip, skip + count)
    ]


def occupy(shop: Shop, *, each: int, days: int) -> None:
    """Fill every person's days with so many appointments of 35 minutes."""
    start = first_day() + dt.timedelta(hours=OPEN_FROM.hour)
    with connection.cursor() as cursor:
        cursor.execute(
            _OCCUPY, {"business": shop.business.pk, "start": start, "days": days, "each": each}
        )
        cursor.execute("ANALYZE bookings_occupancy")


def book(shop: Shop, *, at: dt.datetime) -> Booking:
    """Make one booking through the action."""
    return bookings.create_booking(
        tier_id=shop.tiers[0].public_id,
        calendar_id=shop.calendars[0].public_id,
        starts_at=at,
        customer=bookings.NewCustomer(name="Customer", email="customer@bench.test"),
        now=dt.datetime.now(dt.UTC),
    )


def multiply(booking: Booking, *, count: int) -> None:
    """Add so many bookings like this one, in the past and holding no time."""
    columns = [
        str(field.column)
        for field in Booking._meta.local_concrete_fields
        if field.name not in {"id", "public_id", "status", "hold_expires_at", "confirmed_at"}
    ]
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO bookings_booking (public_id, status, {names})"  # noqa: S608  own columns
            " SELECT 'bkg_' || lpad(n::text, 26, '0'), 'expired',"
            f" {names} FROM bookings_booking CROSS JOIN generate_series(1, %s) AS n WHERE id = %s",
            [count, booking.pk],
        )
        cursor.execute("ANALYZE bookings_booking")
