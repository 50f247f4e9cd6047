"""Public answers kept whole in this process, each proven current by the round trip that counts it.

A view that answers everybody alike calls `keep` with the cache entries its answer was made under.
The same request from another caller without a session is then answered by the middleware below,
before the rest of the stack and the view run, as long as Redis still holds these very entries.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase

from common import conditional, throttling
from common.cache import ForgivingRedisCache
from common.client_address import client_address, network_key

_MOST: Final = 512
# What one answer says of its own request.
_OWN: Final = frozenset(
    {
        "x-request-id",
        "retry-after",
        "ratelimit",
        "ratelimit-policy",
        "ratelimit-limit",
        "ratelimit-remaining",
        "ratelimit-reset",
    }
)
# Everything the stack below may answer differently by.
_NAMES: Final = (
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_HOST",
    "HTTP_ORIGIN",
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_LANGUAGE",
    "wsgi.url_scheme",
    # By this header a proxy says that its caller came encrypted; others are sent to https.
    "HTTP_X_FORWARDED_PROTO",
)

_OF_BODY: Final = frozenset({"content-type", "content-length"})

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Proof:
    """What `keep` asks for: names and bytes in Redis, and until when (monotonic seconds)."""

    category: str
    names: tuple[str, ...]
    held: list[bytes | None]
    until: float


@dataclass(frozen=True, slots=True)
class _Kept:
    """A whole answer; `headers` are those that are the same for every caller.

    They are kept as Django keeps them, by their name in lower case: setting each anew would take
    longer than everything else that repeating does.
    """

    proof: _Proof
    body: bytes
    headers: dict[str, tuple[str, str]]
    etag: str


_kept: OrderedDict[Key, _Kept] = OrderedDict()
_lock = threading.Lock()


def keep(
    response: HttpResponse, *, category: str, entries: Mapping[str, Any], seconds: float
) -> None:
    """Let the middleware repeat this answer for so many seconds while the entries stand.

    `entries` are keys of the cache with the values they had before the answer's data was read;
    `category` is the view's rate limit. The answer must depend on nothing but the address and the
    headers named in `_NAMES`. Without entries nothing is repeated.
    """
    cache = cast(ForgivingRedisCache, caches["default"])
    stored = [cache.stored_as(key, value) for key, value in entries.items()]
    response.kept_answer = _Proof(  # type: ignore[attr-defined]  # read by the middleware
        category=category,
        names=tuple(name for name, _ in stored),
        held=[value for _, value in stored],
        until=time.monotonic() + seconds,
    )


def forget() -> None:
    """Drop everything kept, as a new process would."""
    with _lock:
        _kept.clear()


class KeptAnswersMiddleware:
    """Repeats kept answers, counted and limited as if the view had made them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Repeat, or pass on and keep what comes back."""
        environ = request.META
        if (
            request.method != "GET"
            or environ.get("HTTP_COOKIE")
            or environ.get("HTTP_AUTHORIZATION")
        ):
            return self.get_response(request)
        key = tuple([environ.get(name) for name in _NAMES])
        kept = _kept.get(key)
        if kept is not None and time.monotonic() < kept.proof.until:
            proof = kept.proof
            verdict, held = throttling.count_and_read(
                throttling.limit_for(proof.category),
                f"address:{network_key(client_address(request))}",
                proof.names,
            )
            if verdict.is_allowed and held == proof.held:
                return _repeat(request, kept, verdict)
            # Counted already; the view's own limit reads this.
            request.rate_limit = verdict  # type: ignore[attr-defined]
        response = self.get_response(request)
        wanted: _Proof | None = getattr(response, "kept_answer", None)
        if wanted is not None and isinstance(response, HttpResponse):
            _store(key, wanted, response)
        return response


def _store(key: Key, proof: _Proof, response: HttpResponse) -> None:
    if response.status_code != 200 or response.cookies or not proof.names:  # noqa: PLR2004
        return
    headers = {
        name.lower(): (name, value) for name, value in response.items() if name.lower() not in _OWN
    }
    kept = _Kept(proof, response.content, headers, response.get("ETag", ""))
    with _lock:
        _kept[key] = kept
        _kept.move_to_end(key)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)


def _repeat(request: HttpRequest, kept: _Kept, verdict: throttling.Verdict) -> HttpResponse:
    headers = kept.headers
    if kept.etag and conditional.is_known(request, kept.etag):
        response: HttpResponse = HttpResponseNotModified()
        headers = {name: pair for name, pair in headers.items() if name not in _OF_BODY}
    else:
        response = HttpResponse(kept.body)
    store: dict[str, tuple[str, str]] = response.headers._store  # see _Kept
    store.update(headers)
    for name, value in verdict.headers().items():
        store[name.lower()] = (name, value)
    return response
