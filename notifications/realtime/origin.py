"""Which pages may open a socket.

A browser sends cookies to a socket from any page and names the page in Origin, so a session counts
only for the site's own origins, compared with scheme and port. A client that names none is no
browser: it may connect, but only a token speaks for it.
"""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

_PORTS: Final = {"http": 80, "https": 443}
_LOOPBACK: Final = ("127.0.0.1", "localhost")

Origin = tuple[str, str, int]


def parse_origin(value: str) -> Origin | None:
    """Return scheme, host and port of an origin; None for `null` and everything malformed."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/"):
        return None
    return parts.scheme, parts.hostname.lower(), port or _PORTS[parts.scheme]


def allowed_origins() -> frozenset[Origin]:
    """Return the site's own origin and the trusted ones; loopback goes by both of its names."""
    found = {parse_origin(value) for value in (settings.SITE_URL, *settings.CSRF_TRUSTED_ORIGINS)}
    known = {origin for origin in found if origin is not None}
    for scheme, host, port in list(known):
        if host in _LOOPBACK:
            known |= {(scheme, other, port) for other in _LOOPBACK}
    return frozenset(known)


def header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    """Return a header of an ASGI scope, or an empty string."""
    return next((value.decode("latin-1") for key, value in headers if key == name), "")
