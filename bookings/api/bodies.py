"""What the endpoints answer: the shapes, and the functions that fill them."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field
from typing_extensions import TypedDict

from accounts.links import guest_token
from bookings.events import BookingData, booking_payload, facts_payload
from bookings.models import Booking
from bookings.queries import ListedBooking, SlotList
from common.bodies import Currency, Instant, Minor, PublicId


class TierBody(TypedDict):
    """One way to buy a service."""

    id: PublicId
    name: str
    description: str
    currency: Currency
    price_minor: Minor
    deposit_minor: Minor
    duration_minutes: int
    seats: int
    needs_approval: bool


class PerformerBody(TypedDict):
    """Somebody, or something, that can be booked for the service."""

    id: PublicId
    name: str


class ServiceBody(TypedDict):
    """A service on offer."""

    id: PublicId
    slug: str
    name: str
    summary: str
    description: str
    image: str | None
    tiers: list[TierBody]
    performers: list[PerformerBody]


class ServicesBody(TypedDict):
    """Everything a business offers, in its order."""

    data: list[ServiceBody]


class AvailabilityBody(TypedDict):
    """The times at which a tier may be booked."""

    business: PublicId
    tier: PublicId
    staff: Annotated[str | None, Field(description="The performer asked for; null: any.")]
    timezone: Annotated[str, Field(description="The business's IANA time zone.")]
    tz: Annotated[str, Field(description="The IANA time zone the starts are written in.")]
    duration_minutes: int
    starts: Annotated[
        list[Annotated[datetime, Field(examples=["2028-06-05T09:00:00+07:00"])]],
        Field(description="Sorted starts with their offset; each may be booked as it stands."),
    ]


class CustomerBody(TypedDict):
    """The customer, as the business knows them; blank for a guest, who knows what they sent."""

    name: str
    email: str
    phone: str


class BookingBody(BookingData):
    """A booking. Amounts are whole minor units of `currency`, instants ISO 8601 in UTC."""

    business: PublicId
    balance_minor: Annotated[int, Field(ge=0, description="What is still to be paid.")]
    customer: CustomerBody
    customer_note: str
    created_at: Instant


class CreatedBookingBody(TypedDict):
    """A booking just made."""

    booking: BookingBody
    is_payment_due: Annotated[
        bool, Field(description="Pay the deposit before `hold_expires_at`, or the time is lost.")
    ]
    token: Annotated[
        str | None,
        Field(description="For a guest: opens this booking later, in X-Booking-Token."),
    ]


def booking_body(booking: Booking, *, tells_customer: bool = True) -> BookingBody:
    """Return the booking for those who may view it; needs business, contact, service and tier.

    `tells_customer` is for accounts only: a guest may have typed the address of somebody whose
    name and phone the business knows.
    """
    contact = booking.contact if tells_customer else None
    return _body(
        booking_payload(booking),
        booking.business.public_id,
        (contact.name, contact.email, contact.phone) if contact else ("", "", ""),
        booking.customer_note,
        booking.created_at,
    )


def listed_body(row: ListedBooking) -> BookingBody:
    """Return the booking of a list's row."""
    return _body(
        facts_payload(row.facts),
        row.business,
        (row.customer_name, row.customer_email, row.customer_phone),
        row.customer_note,
        row.created_at,
    )


def _body(
    data: BookingData,
    business: str,
    customer: tuple[str, str, str],
    note: str,
    created_at: datetime,
) -> BookingBody:
    name, email, phone = customer
    paid = data["paid_minor"] - data["refunded_minor"]
    return {
        **data,
        "business": business,
        "balance_minor": max(0, data["price_minor"] - paid),
        "customer": {"name": name, "email": email, "phone": phone},
        "customer_note": note,
        "created_at": created_at.isoformat(),
    }


def created_body(booking: Booking, *, with_token: bool, tells_customer: bool) -> CreatedBookingBody:
    """Return the answer to a new booking."""
    return {
        "booking": booking_body(booking, tells_customer=tells_customer),
        "is_payment_due": booking.status == Booking.Status.PENDING,
        "token": guest_token(subject=booking.public_id) if with_token else None,
    }


def services_body(services: list[dict[str, Any]], *, site: str) -> dict[str, Any]:
    """Return the catalogue with whole addresses of pictures."""
    return {
        "data": [
            {**item, "image": site + item["image"] if item["image"] else None} for item in services
        ]
    }


def availability_body(slots: SlotList, *, staff: str, tz: ZoneInfo) -> AvailabilityBody:
    """Return the free starts, written in the zone asked for."""
    return {
        "business": slots.business_id,
        "tier": slots.tier_id,
        "staff": staff or None,
        "timezone": slots.zone.key,
        "tz": tz.key,
        "duration_minutes": int(slots.duration.total_seconds()) // 60,
        "starts": [datetime.fromtimestamp(at, tz) for at in slots.starts],
    }
