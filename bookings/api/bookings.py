"""REST: making, reading, moving and canceling bookings."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import auditing, policy
from accounts.callers import actor_of, caller_of, label_of
from accounts.models import User
from accounts.policy import KeyCaller
from bookings import actions, queries
from bookings.actions.calling_off import cancel_with_refund
from bookings.api.access import booking_for
from bookings.api.bodies import (
    BookingBody,
    CreatedBookingBody,
    booking_body,
    created_body,
    listed_body,
)
from bookings.api.inputs import BookingInput, BookingListQuery, CancelInput, RescheduleInput
from bookings.models import Booking, Tier
from common import conditional, json_format
from common.bodies import page_body
from common.endpoints import ApiView, read
from common.errors import Forbidden, NotFound, ValidationFailed
from common.idempotency_http import idempotent
from common.openapi import Output, operation, page_of
from common.pagination import cut, read_cursor
from common.serializers import InputSerializer

Channel = Booking.Channel


class TokenQuery(InputSerializer):
    """The query of one booking."""

    token = serializers.CharField(
        required=False,
        default="",
        max_length=512,
        help_text="A guest's token, where a header cannot be sent.",
    )


CREATED = OpenApiExample(
    "Held until paid",
    value={
        "business": "lotus-spa",
        "tier": "tir_01kac3w1v5h0e8y2r7m4q9t6zd",
        "starts_at": "2028-06-05T09:00:00+07:00",
        "customer": {"name": "Nguyễn Thị Minh Khai", "email": "khai@example.com"},
    },
    request_only=True,
)


def business_of(request: Request) -> str:
    """Return the business the body names, which tells guests' clients apart."""
    named = request.data.get("business", "") if isinstance(request.data, dict) else ""
    return str(named)[:60]


def make_booking(
    request: Request, values: dict[str, Any], *, channel: Channel, is_repeatable: bool = False
) -> CreatedBookingBody:
    """Carry out a checked BookingInput for whoever calls; needs the caller's transaction.

    Raises what `create_booking` raises, and ValidationFailed for a tier of another business or a
    guest who gives no name.
    """
    caller = caller_of(request)
    if isinstance(caller, KeyCaller):
        _require_own(caller, values["tier"])
    person = caller if isinstance(caller, User) else None
    booking = actions.create_booking(
        tier_id=values["tier"],
        calendar_id=values["staff"],
        starts_at=values["starts_at"],
        seats=values["seats"],
        customer=_customer(person, values),
        channel=channel,
        customer_note=values["note"],
        actor=label_of(caller),
        is_repeatable=is_repeatable,
        joins=True,
        now=timezone.now(),
    )
    if values["business"] not in {booking.business.slug, booking.business.public_id}:
        raise _wrong("tier", "The business does not offer this.")
    if booking.is_new and person is not None and _works_for(person, values["tier"]):
        auditing.note(booking, action="booking.create", actor=person.public_id)
    may_view = policy.can(caller, "view", booking)
    body = created_body(
        booking,
        with_token=booking.is_new and person is None,
        tells_customer=may_view,
    )
    if not may_view and booking.is_new:
        body["booking"]["customer"] = {
            "name": values["customer"]["name"],
            "email": values["customer"]["email"],
            "phone": values["customer"]["phone"],
        }
    elif not may_view:
        # Somebody else made it; the caller knows no more of them than what they sent.
        body["booking"]["customer_note"] = ""
    return body


def _customer(user: User | None, values: dict[str, Any]) -> actions.NewCustomer:
    given = values.get("customer")
    if user is None and given is None:
        raise _wrong("customer", "Tell who comes: a name and an email address or a phone.")
    is_own = user is not None and (given is None or not _works_for(user, values["tier"]))
    if user is not None and given is None:
        given = {
            "name": user.full_name or user.email,
            "email": user.email,
            "phone": user.phone,
            "locale": user.locale,
            "timezone": user.timezone,
        }
    return actions.NewCustomer(**(given or {}), user=user if is_own else None)


def _works_for(user: User, tier_id: str) -> bool:
    """Say whether the user makes bookings for the tier's business, so for others."""
    if not policy.roles_of(user) and not user.is_superuser:
        return False
    tier = Tier.objects.select_related("service__business").filter(public_id=tier_id).first()
    return tier is not None and policy.can_in(user, "create", Booking, tier.service.business)


def _require_own(key: KeyCaller, tier_id: str) -> None:
    """Raise Forbidden for a key that makes a booking elsewhere than in its own business."""
    tier = Tier.objects.select_related("service__business").filter(public_id=tier_id).first()
    if tier and not policy.can_in(key, "create", Booking, tier.service.business):
        raise Forbidden


def _wrong(field: str, message: str) -> ValidationFailed:
    return ValidationFailed(details=[{"field": field, "code": "invalid", "message": message}])


class BookingsView(ApiView):
    """All bookings the caller may see, and new ones."""

    throttle_category = "general"
    open_methods = frozenset({"POST"})
    cors_methods = frozenset({"POST"})
    key_scopes = {"GET": "bookings:read", "POST": "bookings:write"}

    @operation(
        name="listBookings",
        summary="List bookings",
        description="Those of the caller as customer, and of every business they work for.",
        tag="bookings",
        query=BookingListQuery,
        answers={200: page_of(BookingBody)},
    )
    def get(self, request: Request) -> Response:
        """Return a page, the newest first."""
        query = read(BookingListQuery, request.query_params)
        business, status, limit = query["business"], query["status"], query["limit"]
        order, scope = ("-id",), f"bookings:{business}:{status}"
        position = read_cursor(order=order, scope=scope, cursor=query["cursor"])
        rows = queries.list_bookings(
            caller_of(request),
            limit=limit + 1,
            below=position[0] if position else None,
            business=business,
            status=status,
        )
        page = cut(rows, order=order, scope=scope, limit=limit, position=lambda row: [row.row_id])
        return Response(page_body([listed_body(row) for row in page.rows], page.next_cursor))

    @operation(
        name="createBooking",
        summary="Make a booking",
        description="Takes the time and holds it while a deposit is due. A taken time answers 409 "
        "`SLOT_UNAVAILABLE` with the nearest `alternatives` in `details`.",
        tag="bookings",
        body=BookingInput,
        answers={201: Output(CreatedBookingBody)},
        is_open=True,
        can_conflict=True,
        examples=[CREATED],
    )
    @idempotent(scope=business_of, is_required=True)
    def post(self, request: Request) -> Response:
        """Hold a time for the caller, for a guest, or by staff for a customer."""
        values = read(BookingInput, request.data)
        return Response(make_booking(request, values, channel=Channel.API), status=201)


class BookingView(ApiView):
    """One booking."""

    throttle_category = "general"
    open_methods = frozenset({"GET", "PATCH"})
    cors_methods = frozenset({"GET"})
    key_scopes = {"GET": "bookings:read", "PATCH": "bookings:write"}

    @operation(
        name="getBooking",
        summary="Read a booking",
        tag="bookings",
        query=TokenQuery,
        answers={200: Output(BookingBody), 304: None},
        takes_booking_token=True,
    )
    def get(self, request: Request, booking: str) -> HttpResponse:
        """Return the booking to its customer, a guest with its token, or staff."""
        read(TokenQuery, request.query_params)
        actor = actor_of(request)
        found = booking_for(actor, "view", booking)
        content = json_format.dump(_shown(found, actor))
        return conditional.answer(
            request._request,
            etag=conditional.make_etag(content),
            body=lambda: content,
            max_age=0,
            is_public=False,
        )

    @operation(
        name="updateBooking",
        summary="Change a booking's time",
        tag="bookings",
        body=RescheduleInput,
        answers={200: Output(BookingBody)},
        takes_booking_token=True,
        can_conflict=True,
    )
    @idempotent(scope=lambda request: request.path)
    def patch(self, request: Request, booking: str) -> Response:
        """Move the booking; the same as `reschedule`."""
        return _move(request, booking)


class CancelView(ApiView):
    """Giving a booking up."""

    throttle_category = "general"
    open_methods = frozenset({"POST"})
    key_scopes = {"POST": "bookings:write"}

    @operation(
        name="cancelBooking",
        summary="Cancel a booking",
        tag="bookings",
        body=CancelInput,
        answers={200: Output(BookingBody)},
        takes_booking_token=True,
        can_conflict=True,
    )
    @idempotent(scope=lambda request: request.path)
    def post(self, request: Request, booking: str) -> Response:
        """Cancel and free the time; a canceled one stays as it is.

        A customer gets back what the rules give; staff decide on refunds apart.
        """
        actor = actor_of(request)
        found = booking_for(actor, "cancel", booking)
        values = read(CancelInput, request.data)
        is_staff = policy.can_in(actor, "cancel", Booking, found.business)
        cancel = actions.cancel_booking if is_staff else cancel_with_refund
        canceled = cancel(
            booking_id=found.public_id,
            reason=values["reason"],
            actor=label_of(actor),
            now=timezone.now(),
        )
        return Response(_shown(canceled, actor))


class RescheduleView(ApiView):
    """Moving a booking."""

    throttle_category = "general"
    open_methods = frozenset({"POST"})
    key_scopes = {"POST": "bookings:write"}

    @operation(
        name="rescheduleBooking",
        summary="Reschedule a booking",
        tag="bookings",
        body=RescheduleInput,
        answers={200: Output(BookingBody)},
        takes_booking_token=True,
        can_conflict=True,
    )
    @idempotent(scope=lambda request: request.path)
    def post(self, request: Request, booking: str) -> Response:
        """Move to another start or performer; price and length stay."""
        return _move(request, booking)


def _move(request: Request, booking_id: str) -> Response:
    actor = actor_of(request)
    found = booking_for(actor, "reschedule", booking_id)
    values = read(RescheduleInput, request.data)
    moved = actions.reschedule_booking(
        booking_id=found.public_id,
        starts_at=values["starts_at"],
        calendar_id=values["staff"],
        actor=label_of(actor),
        by_staff=policy.can(actor, "create", found),
        now=timezone.now(),
    )
    fresh = queries.find_booking(moved.public_id)
    if fresh is None:
        raise NotFound
    return Response(_shown(fresh, actor))


def _shown(booking: Booking, actor: policy.Actor) -> BookingBody:
    return booking_body(booking, tells_customer=isinstance(actor, User | KeyCaller))
