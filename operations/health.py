"""Health of the parts: the answers a load balancer and an operator ask for."""

import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Connection
from redis import Redis

_LIMIT_SECONDS = 1


def _check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _check_redis() -> None:
    client = Redis.from_url(
        settings.REDIS_URL, socket_timeout=_LIMIT_SECONDS, socket_connect_timeout=_LIMIT_SECONDS
    )
    with client:
        client.ping()


def _check_broker() -> None:
    with Connection(
        settings.CELERY_BROKER_URL,
        ssl=settings.CELERY_BROKER_USE_SSL or False,
        connect_timeout=_LIMIT_SECONDS,
        transport_options=settings.CELERY_PUBLISH_TRANSPORT_OPTIONS,
    ) as broker:
        broker.ensure_connection(max_retries=0, timeout=_LIMIT_SECONDS)


def _broker_kind() -> str:
    return "rabbitmq" if settings.CELERY_BROKER_URL.startswith("amqp") else "redis"


def _answer(parts: dict[str, Callable[[], None]]) -> JsonResponse:
    checks: dict[str, dict[str, str | float]] = {}
    for name, check in parts.items():
        started = time.perf_counter()
        try:
            check()
        except Exception as error:  # noqa: BLE001  any failure of a part is the answer
            checks[name] = {"status": "down", "reason": type(error).__name__}
        else:
            checks[name] = {
                "status": "ok",
                "milliseconds": round((time.perf_counter() - started) * 1000, 1),
            }
    is_ok = all(check["status"] == "ok" for check in checks.values())
    return JsonResponse(
        {
            "status": "ok" if is_ok else "down",
            "timestamp": timezone.now().isoformat(),
            "release": settings.RELEASE,
            "checks": checks,
        },
        status=200 if is_ok else 503,
    )


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process can serve; Redis and broker being down only degrade it."""
    answer = {
        "status": "ok",
        "timestamp": timezone.now().isoformat(),
        "release": settings.RELEASE,
    }
    return JsonResponse(answer)


@never_cache
@require_safe
def database(request: HttpRequest) -> JsonResponse:
    """Answer whether PostgreSQL answers."""
    return _answer({"database": _check_database})


@never_cache
@require_safe
def redis(request: HttpRequest) -> JsonResponse:
    """Answer whether Redis answers within a second."""
    return _answer({"redis": _check_redis})


@never_cache
@require_safe
def broker(request: HttpRequest) -> JsonResponse:
    """Answer whether the broker of the workers answers, under the name of the kind in use."""
    return _answer({_broker_kind(): _check_broker})
