"""A bare WSGI callable with constant JSON: what the server itself can do."""

from collections.abc import Callable, Iterable
from typing import Any

_BODY = b'{"status": "ok"}'
_HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(_BODY)))]


def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer every request alike."""
    start_response("200 OK", _HEADERS)
    return [_BODY]
