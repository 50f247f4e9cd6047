"""What belongs to the request, task or command being carried out: its id, its request."""

import secrets
from contextvars import ContextVar

from django.http import HttpRequest

request_id: ContextVar[str] = ContextVar("request_id", default="")
# The request being answered, for records that say from where; None in tasks and commands.
request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


def new_request_id() -> str:
    """Return a fresh id of 20 hex digits."""
    return secrets.token_hex(10)
