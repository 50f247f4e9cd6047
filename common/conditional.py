"""Answers a client may keep: ETag, 304 and Cache-Control."""

import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags, quote_etag


def make_etag(*parts: object) -> str:
    """Return a weak entity tag for whatever the parts identify.

    Weak, because the server in front may compress: the meaning is the same, the bytes are not.
    """
    text = "\x1f".join(str(part) for part in parts)
    return "W/" + quote_etag(hashlib.sha256(text.encode()).hexdigest()[:32])


def is_known(request: HttpRequest, etag: str) -> bool:
    """Say whether the client already holds this version (If-None-Match, RFC 9110 §13.1.2)."""
    held = request.META.get("HTTP_IF_NONE_MATCH", "")
    if not held:
        return False
    bare = etag.removeprefix("W/")
    return any(tag == "*" or tag.removeprefix("W/") == bare for tag in parse_etags(held))


def answer(
    request: HttpRequest,
    *,
    etag: str,
    body: Callable[[], bytes],
    max_age: int,
    is_public: bool,
) -> HttpResponse:
    """Return 304 to a client that holds this version, else the JSON body; `max_age` in seconds.

    A private answer varies by cookie and token, so no shared cache keeps it.
    """
    response = (
        HttpResponseNotModified()
        if is_known(request, etag)
        else HttpResponse(body(), content_type="application/json")
    )
    response["ETag"] = etag
    scope = "public" if is_public else "private"
    freshness = f"max-age={max_age}" if max_age else "no-cache"
    response["Cache-Control"] = f"{scope}, {freshness}"
    patch_vary_headers(
        response,
        ("Accept-Language",) if is_public else ("Accept-Language", "Cookie", "Authorization"),
    )
    return response
