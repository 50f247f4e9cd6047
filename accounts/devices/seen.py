"""When a device was last seen: written at most every five minutes in each process."""

import time
from typing import Final

from django.http import HttpRequest
from django.utils import timezone

from accounts.devices import actions, clients

_LIMIT: Final = 10_000
_written: dict[str, float] = {}


def mark_seen(device_id: str) -> None:
    """Remember that the device's row is as good as new."""
    if len(_written) >= _LIMIT:
        _written.clear()
    _written[device_id] = time.time()


def note_seen(request: HttpRequest, device_id: str) -> None:
    """Write when and where the device was seen, unless this process did so lately."""
    age = time.time() - _written.get(device_id, float("-inf"))
    if 0 <= age < actions.SEEN_EVERY.total_seconds():
        return
    mark_seen(device_id)
    actions.see_device(device_id=device_id, address=clients.address_of(request), now=timezone.now())


def forget() -> None:
    """Forget what this process has written, as a new process would."""
    _written.clear()
