"""REST: the short addresses of the widget. They do what the versioned ones do.

The key may be left out here: then the same customer, tier and start are one request.
"""

import hashlib

import orjson
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.availability import AvailabilityView
from bookings.api.bodies import CreatedBookingBody
from bookings.api.bookings import CREATED, BookingsView, BookingView, business_of, make_booking
from bookings.api.inputs import BookingInput
from bookings.models import Booking
from bookings.queries import find_booking
from common.endpoints import read
from common.idempotency_http import idempotent
from common.openapi import Output, operation

_LIVE = {Booking.Status.REQUESTED, Booking.Status.PENDING, Booking.Status.CONFIRMED}


def same_wish(request: Request) -> str:
    """Return a key made of the customer, the tier and the start the body names; empty without."""
    body = request.data if isinstance(request.data, dict) else {}
    customer = body.get("customer")
    customer = customer if isinstance(customer, dict) else {}
    parts = (customer.get("email"), customer.get("phone"), body.get("tier"), body.get("starts_at"))
    text = "\n".join(str(part).strip().lower() for part in parts)
    return "wish:" + hashlib.sha256(text.encode()).hexdigest()


def is_gone(answer: bytes) -> bool:
    """Say whether the booking of a stored answer has ended, so that the wish is a new one."""
    stored = orjson.loads(answer).get("booking")
    found = find_booking(stored["id"]) if stored else None
    return found is None or found.status not in _LIVE


@extend_schema_view(get=extend_schema(operation_id="listWidgetFreeTimes", tags=["widget"]))
class ShortAvailabilityView(AvailabilityView):
    """Free starts."""


class ShortBookingsView(BookingsView):
    """New bookings from a page's widget."""

    http_method_names = ["post", "options"]

    @operation(
        name="createWidgetBooking",
        summary="Make a booking from a widget",
        tag="widget",
        body=BookingInput,
        answers={201: Output(CreatedBookingBody)},
        is_open=True,
        can_conflict=True,
        examples=[CREATED],
    )
    @idempotent(scope=business_of, fallback_key=same_wish, is_stale=is_gone)
    def post(self, request: Request) -> Response:
        """Hold a time; the same customer, tier and start again is answered with that booking."""
        values = read(BookingInput, request.data)
        body = make_booking(request, values, channel=Booking.Channel.WIDGET, is_repeatable=True)
        return Response(body, status=201)


@extend_schema_view(
    get=extend_schema(operation_id="getWidgetBooking", tags=["widget"]),
    patch=extend_schema(operation_id="updateWidgetBooking", tags=["widget"]),
)
class ShortBookingView(BookingView):
    """One booking."""
