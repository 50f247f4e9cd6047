"""Waking a lane after commit without ever making the request wait.

A request puts lane names into a set and goes on. One daemon thread a process publishes them, at
most one message a lane in 20 ms, skipped while a worker is draining the lane anyway. After a
failure it pauses; the rows wait for the sweep meanwhile.
"""

import logging
import os
import threading
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache

from events.lanes import Lane, lease_seconds

logger = logging.getLogger(__name__)
_GAP_SECONDS = 0.02
_PAUSE_SECONDS = 10.0
# How long a worker's "I am draining" mark lives; it renews it while it works.
DRAIN_MARK_SECONDS = 2

_pending: set[Lane] = set()
_ready = threading.Condition()
_publisher: dict[str, int] = {"pid": 0}


def wake(*lanes: Lane) -> None:
    """Ask for the lanes to be drained soon; returns at once, never raises, repeats safely."""
    if not settings.EVENTS_PUBLISH_NUDGES:
        return
    with _ready:
        _pending.update(lanes)
        if _publisher["pid"] != os.getpid():  # first use, or a fork, which keeps no threads
            _publisher["pid"] = os.getpid()
            threading.Thread(target=_publish_for_ever, name="nudges", daemon=True).start()
        _ready.notify()


def drain_mark(lane: Lane) -> str:
    """Return the cache key that says somebody is draining the lane."""
    return f"nudge:{lane.label}"


def _publish_for_ever() -> None:
    while True:
        with _ready:
            while not _pending:
                _ready.wait()
            lanes = sorted(_pending)
            _pending.clear()
        try:
            for lane in lanes:
                publish(lane)
        except Exception:  # noqa: BLE001  the thread must outlive any broker's kind of failure
            logger.warning("nudge not published; the sweep will find the rows")
            time.sleep(_PAUSE_SECONDS)
        time.sleep(_GAP_SECONDS)


def _confirmation() -> dict[str, Any]:
    # RabbitMQ confirms each message; Redis has no such step and no such option.
    return {"confirm_timeout": 0.2} if settings.CELERY_BROKER_URL.startswith("amqp") else {}


def publish(lane: Lane) -> None:
    """Publish one message that drains the lane, unless one is under way.

    Raises what the broker's client raises, within about half a second.
    """
    from events.publisher import publisher_app

    if not cache.add(drain_mark(lane), 1, timeout=DRAIN_MARK_SECONDS):
        return
    try:
        publisher_app().send_task(
            "events.drain_lane",
            args=(int(lane),),
            queue=lane.label,
            retry=False,
            expires=60,
            ignore_result=True,
            # Below the lease, so that a row never runs in two places at once.
            soft_time_limit=lease_seconds(lane) * 4 // 5 - 3,
            time_limit=lease_seconds(lane) * 4 // 5,
            **_confirmation(),
        )
    except Exception:
        cache.delete(drain_mark(lane))
        raise
