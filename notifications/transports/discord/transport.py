"""Calls a Discord webhook.

Answers: Discord's documentation, "Execute Webhook" and "Rate Limits": 429 names the wait in
Retry-After (seconds); 401, 403 and 404 mean that the webhook is gone for good.
"""

import re

import httpx
from django.conf import settings

from events.lanes import Lane
from notifications.errors import TransportError
from notifications.transports.base import Message
from notifications.transports.discord import embeds

_ADDRESS = re.compile(
    r"\Ahttps://(?:(?:ptb|canary)\.)?discord(?:app)?\.com/api/(?:v\d+/)?webhooks/(\d{5,25})/([\w-]{20,200})\Z"
)
_TIMEOUT = httpx.Timeout(10, connect=5)
_GONE = (401, 403, 404)
_LONGEST_WAIT = 600.0


class DiscordTransport:
    """The host is Discord's own by setting; of the given address only id and token are used."""

    code = "discord"
    lane = Lane.BULK
    can_repeat = True

    def accepts(self, address: str) -> bool:
        """Say whether this is a webhook address of Discord."""
        return _ADDRESS.match(address) is not None

    def send(self, message: Message) -> str:
        """Post the embed and return Discord's message id."""
        found = _ADDRESS.match(message.address)
        if found is None:
            raise TransportError("not a Discord webhook address", address_is_dead=True)
        url = f"{settings.DISCORD_API_BASE}/webhooks/{found[1]}/{found[2]}"
        try:
            with httpx.Client(timeout=_TIMEOUT, trust_env=False, follow_redirects=False) as client:
                answer = client.post(url, params={"wait": "true"}, json=embeds.payload(message))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise TransportError("Discord could not be reached") from None
        except httpx.HTTPError:
            raise TransportError("Discord did not answer", is_uncertain=True) from None
        return _read(answer)


def _read(answer: httpx.Response) -> str:
    if answer.is_success:
        return _message_id(answer)
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise TransportError("Discord asks to wait", retry_after=_wait(answer))
    if answer.status_code in _GONE:
        raise TransportError(
            "Discord says that this webhook does not exist any more.", address_is_dead=True
        )
    is_ours = answer.is_client_error or answer.is_redirect
    raise TransportError(f"Discord answered {answer.status_code}", is_permanent=is_ours)


def _message_id(answer: httpx.Response) -> str:
    try:
        found = answer.json()
    except ValueError:
        return ""
    return str(found.get("id", "")) if isinstance(found, dict) else ""


def _wait(answer: httpx.Response) -> float:
    try:
        return min(max(float(answer.headers.get("Retry-After", "1")), 0.5), _LONGEST_WAIT)
    except ValueError:
        return 1.0
