"""Facts about the channels over which a business is told."""

from typing_extensions import TypedDict

from events.types import EventType, NewEvent
from notifications.models import BusinessChannel


class ChannelData(TypedDict):
    """A channel, without its address."""

    id: str
    kind: str
    name: str
    reason: str


CHANNEL_DISABLED = EventType(
    "notification_channel.disabled",
    ChannelData,
    "A channel refused for good and is no longer written to.",
    {
        "id": "chn_01kac3w1v5h0e8y2r7m4q9t6zd",
        "kind": "discord",
        "name": "Front desk",
        "reason": "Discord says that this webhook does not exist any more.",
    },
)
TYPES = (CHANNEL_DISABLED,)


def channel_disabled(channel: BusinessChannel) -> NewEvent:
    """Return the fact that the channel is given up."""
    data: ChannelData = {
        "id": channel.public_id,
        "kind": str(channel.kind),
        "name": channel.name,
        "reason": channel.disabled_reason,
    }
    return NewEvent(CHANNEL_DISABLED, channel.business.public_id, channel.public_id, data)
