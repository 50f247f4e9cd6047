"""REST: the free times of a tier. Read far more often than anything else, so kept lean."""

import hashlib
import threading
import time
from array import array
from collections import OrderedDict
from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request

from accounts.profiles import find_profile
from bookings.api.bodies import AvailabilityBody, availability_body
from bookings.api.inputs import AvailabilityQuery, zone_of
from bookings.queries import SlotList, list_slots, versions
from common import conditional, json_format, kept_answers
from common.endpoints import ApiView, read
from common.errors import NotFound, ValidationFailed
from common.openapi import Output, operation
from common.times import day_bounds, local_date

DEFAULT_DAYS: Final = 30
LONGEST_DAYS: Final = 93
_KEPT_BODIES: Final = 512

_OWNER_SECONDS: Final = 5.0
# As long a whole answer is repeated: the only change it cannot see is that of the time itself, by
# which starts fall within the notice and days come within the horizon.
_REPEAT_SECONDS: Final = 5.0

_bodies: OrderedDict[str, bytes] = OrderedDict()
# What an address names hardly ever changes; a copy in the process saves asking for it.
_owners: dict[str, tuple[float, str, str]] = {}
_bodies_lock = threading.Lock()


class AvailabilityView(ApiView):
    """Free starts."""

    throttle_category = "general"
    open_methods = frozenset({"GET"})
    cors_methods = frozenset({"GET"})

    @operation(
        name="listFreeTimes",
        summary="List free times",
        description="Starts of one tier that may be booked now, by days of the zone asked for. "
        f"At most {LONGEST_DAYS} days; {DEFAULT_DAYS} when `to` is left out.",
        tag="availability",
        query=AvailabilityQuery,
        answers={200: Output(AvailabilityBody), 304: None},
        is_open=True,
        examples=[
            OpenApiExample(
                "One day",
                value={
                    "business": "biz_01kac3w1v5h0e8y2r7m4q9t6zd",
                    "tier": "tir_01kac3w1v5h0e8y2r7m4q9t6zd",
                    "staff": None,
                    "timezone": "Asia/Ho_Chi_Minh",
                    "tz": "Asia/Ho_Chi_Minh",
                    "duration_minutes": 60,
                    "starts": ["2028-06-05T09:00:00+07:00", "2028-06-05T09:30:00+07:00"],
                },
                response_only=True,
                status_codes=["200"],
            )
        ],
    )
    def get(self, request: Request, business: str) -> HttpResponse:
        """Return the free starts; answers 304 while they are those the client holds."""
        query = read(AvailabilityQuery, request.query_params)
        owner, own_zone = _owner(business)
        zone = zone_of(query["tz"], own_zone)
        now = timezone.now()
        first, last = _days(query, today=local_date(now, zone))
        slots = list_slots(
            tier_id=query["tier"],
            calendar_id=query["staff"],
            start=day_bounds(first, zone)[0],
            end=day_bounds(last, zone)[1],
            now=now,
        )
        if slots.business_id != owner:
            raise NotFound
        etag = _etag(slots, query["staff"], zone.key)
        response = conditional.answer(
            request._request,
            etag=etag,
            body=lambda: _body(etag, slots, query["staff"], zone),
            max_age=0,
            is_public=True,
        )
        left = _REPEAT_SECONDS if slots.until is None else slots.until - now.timestamp()
        kept_answers.keep(
            response,
            category=self.throttle_category,
            entries={versions.key(name): token for name, token in slots.tokens.items()},
            seconds=min(left, _REPEAT_SECONDS),
        )
        return response


def _owner(ref: str) -> tuple[str, str]:
    """Return the business's public id and zone, at most five seconds old. Raises NotFound."""
    until, owner, zone = _owners.get(ref, (0.0, "", ""))
    if time.monotonic() < until:
        return owner, zone
    profile = find_profile(ref)
    if len(_owners) >= _KEPT_BODIES:
        _owners.clear()
    _owners[ref] = (time.monotonic() + _OWNER_SECONDS, profile.public_id, profile.timezone)
    return profile.public_id, profile.timezone


def _days(query: dict[str, Any], *, today: date) -> tuple[date, date]:
    """Return first and last day, both included. Raises ValidationFailed."""
    first = query["date"] or query["from"] or today
    last = query["date"] or query["to"] or first + timedelta(days=DEFAULT_DAYS - 1)
    if query["date"] and (query["from"] or query["to"]):
        raise _refusal("date", _("Give either date, or from and to."))
    if not 0 <= (last - first).days < LONGEST_DAYS:
        raise _refusal("to", _("Ask for 1 to 93 days."))
    return first, last


def _refusal(field: str, message: Any) -> ValidationFailed:
    return ValidationFailed(details=[{"field": field, "code": "invalid", "message": str(message)}])


def _etag(slots: SlotList, staff: str, zone: str) -> str:
    starts = hashlib.sha256(array("q", slots.starts).tobytes()).hexdigest()
    return conditional.make_etag(slots.tier_id, staff, zone, slots.zone.key, slots.duration, starts)


def _body(etag: str, slots: SlotList, staff: str, zone: Any) -> bytes:
    """Return the bytes, made once for each distinct answer in this process."""
    with _bodies_lock:
        body = _bodies.get(etag)
        if body is not None:
            _bodies.move_to_end(etag)
            return body
    body = json_format.dump(availability_body(slots, staff=staff, tz=zone))
    with _bodies_lock:
        _bodies[etag] = body
        while len(_bodies) > _KEPT_BODIES:
            _bodies.popitem(last=False)
    return body
