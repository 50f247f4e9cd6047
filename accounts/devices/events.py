"""Facts about where people are signed in. They stay inside the product."""

from typing_extensions import TypedDict

from accounts.models import Device
from events.types import EventType, NewEvent


class DeviceData(TypedDict):
    """A device, without address and program."""

    id: str
    user: str


_SAMPLE: DeviceData = {
    "id": "dev_01kac3w1v5h0e8y2r7m4q9t6zd",
    "user": "usr_01kac3w1v5h0e8y2r7m4q9t6zd",
}
DEVICE_ADDED = EventType(
    "device.added",
    DeviceData,
    "Somebody signed in on a device their account had not seen before.",
    _SAMPLE,
    is_public=False,
)
DEVICE_ENDED = EventType(
    "device.ended", DeviceData, "A device was signed out.", _SAMPLE, is_public=False
)
TYPES = (DEVICE_ADDED, DEVICE_ENDED)


def device_event(kind: EventType, device: Device, *, actor: str) -> NewEvent:
    """Return the fact, which belongs to no business."""
    data: DeviceData = {"id": device.public_id, "user": device.user.public_id}
    return NewEvent(kind, "", device.public_id, data, actor)
