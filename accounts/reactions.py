"""What follows from facts about accounts."""

from accounts.devices.mails import new_device_mail
from accounts.devices.queries import find_device
from events import registry
from events.models import Event


@registry.fact("accounts.tell_new_device", on="device.added")
def tell_new_device(event: Event) -> None:
    """Write to the account's address, unless the device was signed out already.

    A crash between sending and marking sends the mail twice.
    """
    device = find_device(event.subject)
    if device is not None and device.ended_at is None:
        new_device_mail(device).send()
