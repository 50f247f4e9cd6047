"""REST: where the account is signed in."""

from typing import Annotated

from django.urls import path
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from accounts import policy
from accounts.callers import person_of
from accounts.devices import actions, queries
from accounts.devices.agents import describe
from accounts.devices.sessions import current_device_id
from accounts.models import Device, User
from common.endpoints import ApiView
from common.errors import NotFound, NotSignedIn
from common.openapi import Output, operation


class DeviceBody(TypedDict):
    """A browser or app that is signed in."""

    id: str
    kind: Annotated[str, Field(json_schema_extra={"enum": list(Device.Kind.values)})]
    name: Annotated[str, Field(description="A guess from the User-Agent header.")]
    address: str | None
    country: Annotated[str, Field(description="ISO 3166-1, or empty where it is not known.")]
    is_this: Annotated[bool, Field(description="Whether this request comes from it.")]
    created_at: str
    last_seen_at: Annotated[str, Field(description="Within five minutes.")]


class DevicesBody(TypedDict):
    """Every device."""

    data: list[DeviceBody]


class EndedBody(TypedDict):
    """How many devices were signed out."""

    ended: int


def device_body(device: Device, *, mine: str) -> DeviceBody:
    """Return what the account's owner reads of a device; `mine` is the one that asks."""
    return {
        "id": device.public_id,
        "kind": device.kind,
        "name": describe(device.user_agent),
        "address": device.address,
        "country": device.country,
        "is_this": device.public_id == mine,
        "created_at": device.created_at.isoformat(),
        "last_seen_at": device.last_seen_at.isoformat(),
    }


def _person(request: Request) -> User:
    person = person_of(request)
    if not isinstance(person, User):
        raise NotSignedIn
    return person


class DevicesView(ApiView):
    """All devices of the caller."""

    throttle_category = "general"

    @operation(
        name="listDevices",
        summary="List my devices",
        description="Where this account is signed in: browsers by cookie, apps by token.",
        tag="me",
        answers={200: Output(DevicesBody)},
    )
    def get(self, request: Request) -> Response:
        """Return the devices, the last seen first."""
        mine = current_device_id(request)
        rows = queries.live_devices(_person(request))
        return Response({"data": [device_body(row, mine=mine) for row in rows]})

    @operation(
        name="endOtherDevices",
        summary="Sign out all my other devices",
        tag="me",
        answers={200: Output(EndedBody)},
    )
    def delete(self, request: Request) -> Response:
        """End every session and token but the caller's."""
        person = _person(request)
        ended = actions.end_devices(
            user=person,
            but=current_device_id(request),
            actor=person.public_id,
            reason="signed out all others",
        )
        return Response({"ended": ended})


class DeviceView(ApiView):
    """One device."""

    throttle_category = "general"

    @operation(
        name="endDevice",
        summary="Sign a device out",
        description="Its session and tokens are worth nothing at once; open sockets end within "
        "seconds.",
        tag="me",
        answers={200: Output(EndedBody)},
    )
    def delete(self, request: Request, device: str) -> Response:
        """End the device; one that ended stays so."""
        person = _person(request)
        found = queries.find_device(device)
        if found is None:
            raise NotFound
        policy.require(person, "end", found)
        ended = actions.end_devices(
            user=found.user, only=[found.public_id], actor=person.public_id, reason="signed out"
        )
        return Response({"ended": ended})


urlpatterns = [
    path("devices", DevicesView.as_view(), name="api_devices"),
    path("devices/<str:device>", DeviceView.as_view(), name="api_device"),
]
