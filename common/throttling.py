"""Rate limits that every process shares.

A limit is a fixed window in Redis that opens with the caller's first request: one atomic script
counts and tells the time left. Without Redis a limit lets everything pass, except the strict
ones (sign-in), which then count in this process alone.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import redis
from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from common.client_address import client_address, network_key
from common.errors import Busy, RateLimited

logger = logging.getLogger(__name__)

# Counts under the first key; what the others hold is told in the same round trip.
_COUNT: Final = """
local n = redis.call('INCRBY', KEYS[1], ARGV[2])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
local told = {n, left}
for at = 2, #KEYS do told[at + 1] = redis.call('GET', KEYS[at]) end
return told
"""
_COUNT_SHA: Final = hashlib.sha1(_COUNT.encode()).hexdigest()  # noqa: S324  how Redis names a script
_PAUSE_SECONDS: Final = 1.0
_LOCAL_KEYS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """`requests` in `seconds`. A strict limit holds, in each process, without Redis too."""

    name: str
    requests: int
    seconds: int = 60
    is_strict: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a count came to; `reset` is in whole seconds from now."""

    limit: Limit
    is_allowed: bool
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """Return the headers that tell a client where it stands.

        RateLimit-Policy and RateLimit as in draft-ietf-httpapi-ratelimit-headers-10 (§3, §4); the
        three separate fields are the older habit many clients read.
        """
        limit = self.limit
        headers = {
            "RateLimit-Policy": f'"{limit.name}";q={limit.requests};w={limit.seconds}',
            "RateLimit": f'"{limit.name}";r={self.remaining};t={self.reset}',
            "RateLimit-Limit": str(limit.requests),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }
        if not self.is_allowed:
            headers["Retry-After"] = str(max(1, self.reset))
        return headers


def limit_for(category: str) -> Limit:
    """Return the configured limit of a category; raises KeyError for an unknown one."""
    return Limit(
        name=category,
        requests=settings.RATE_LIMITS[category],
        is_strict=category in settings.STRICT_RATE_LIMITS,
    )


class _LocalWindows:
    """Counts of this process, for strict limits while Redis is away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[float, int]] = {}

    def count(self, key: str, seconds: int, cost: int) -> tuple[int, int]:
        now = time.monotonic()
        with self._lock:
            if len(self._windows) > _LOCAL_KEYS:
                self._windows = {k: v for k, v in self._windows.items() if v[0] > now}
            ends_at, used = self._windows.get(key, (0.0, 0))
            if ends_at <= now:
                ends_at, used = now + seconds, 0
            used += cost
            self._windows[key] = (ends_at, used)
        return used, int((ends_at - now) * 1000)

    def forget(self, key: str) -> None:
        with self._lock:
            self._windows.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._windows.clear()


local_windows = _LocalWindows()
_silence = {"until": 0.0}


@lru_cache(maxsize=4)
def _connect(location: str) -> redis.Redis:
    return redis.Redis.from_url(
        location, socket_timeout=0.3, socket_connect_timeout=0.2, retry=None
    )


def _run(keys: Sequence[str], *arguments: int) -> list[Any]:
    """Run the script by its name, which Redis forgets when it restarts."""
    client: Any = _connect(str(settings.CACHES["default"]["LOCATION"]))
    try:
        told: list[Any] = client.execute_command(
            "EVALSHA", _COUNT_SHA, len(keys), *keys, *arguments
        )
    except redis.exceptions.NoScriptError:
        told = client.execute_command("EVAL", _COUNT, len(keys), *keys, *arguments)
    return told


def count(limit: Limit, key: str, *, cost: int = 1) -> Verdict:
    """Count `cost` requests of `key` against the limit and say whether they may pass.

    A cost of 0 only asks. Never raises: without Redis everything passes a lenient limit, while a
    strict one counts in this process. A Redis that failed is left alone for a second.
    """
    return count_and_read(limit, key, (), cost=cost)[0]


def count_and_read(
    limit: Limit, key: str, names: Sequence[str], *, cost: int = 1
) -> tuple[Verdict, list[bytes | None]]:
    """Count as `count` does, and return what Redis holds under further names; one round trip.

    Without Redis nothing is held.
    """
    name = f"limit:{limit.name}:{key}"
    used, left = 0, limit.seconds * 1000
    held: list[bytes | None] = []
    if time.monotonic() >= _silence["until"]:
        try:
            used, left, *held = _run((name, *names), limit.seconds * 1000, cost)
        except (redis.RedisError, OSError):
            _silence["until"] = time.monotonic() + _PAUSE_SECONDS
            logger.warning("rate limits unavailable")
    if limit.is_strict and time.monotonic() < _silence["until"]:
        used, left = local_windows.count(name, limit.seconds, cost)
    verdict = Verdict(
        limit=limit,
        is_allowed=used <= limit.requests if cost else used < limit.requests,
        remaining=max(0, limit.requests - used),
        reset=-(-left // 1000),
    )
    return verdict, held


def forget(limit: Limit, key: str) -> None:
    """Open a new window for the key, as if nothing had been counted. Never raises."""
    name = f"limit:{limit.name}:{key}"
    local_windows.forget(name)
    try:
        _connect(str(settings.CACHES["default"]["LOCATION"])).delete(name)
    except (redis.RedisError, OSError):
        logger.warning("rate limits unavailable")


def principal_key(request: HttpRequest | Request) -> str:
    """Return whom a request counts for: the signed-in principal, else the caller's network."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"user:{user.public_id}"
    http = request._request if isinstance(request, Request) else request
    return f"address:{network_key(client_address(http))}"


class CategoryThrottle(BaseThrottle):
    """Counts each request of a view against the one category the view declares."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count, keep the verdict for the answer's headers, raise RateLimited above the limit.

        A request that was counted on its way here (common.kept_answers) is not counted again.
        """
        http = request._request
        verdict: Verdict | None = getattr(http, "rate_limit", None)
        if verdict is None:
            verdict = count(limit_for(view.throttle_category), principal_key(request))
            http.rate_limit = verdict  # type: ignore[attr-defined]  # read by ApiView
        if not verdict.is_allowed:
            raise RateLimited(headers=verdict.headers())
        return True


class SignInThrottleMiddleware:
    """Limits posts to pages that strangers may send, by the caller's network.

    settings.THROTTLED_VIEWS maps view names to categories.
    """

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        """Pass on; the counting is in process_view, where the view is known.

        A post that found the line for password checks full was not tried, so it is not counted:
        its form sends it again by itself.
        """
        response = self.get_response(request)
        counted = getattr(request, "_counted_post", None)
        if counted is not None and response.status_code == Busy.status:
            count(*counted, cost=-1)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> Any:
        """Answer 429 when the network has posted too often."""
        if request.method != "POST" or request.resolver_match is None:
            return None
        category = settings.THROTTLED_VIEWS.get(request.resolver_match.view_name)
        if category is None:
            return None
        key = f"address:{network_key(client_address(request))}"
        limit = limit_for(category)
        verdict = count(limit, key)
        if verdict.is_allowed:
            request._counted_post = (limit, key)  # type: ignore[attr-defined]  # read above
            return None
        from common.views import too_many_requests

        return too_many_requests(request, RateLimited(headers=verdict.headers()))
