"""What belongs to the request, task or command being carried out: its id and its actor's label."""

import secrets
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")


def new_request_id() -> str:
    """Return a fresh id of 20 hex digits."""
    return secrets.token_hex(10)
