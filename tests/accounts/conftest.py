"""What tests of signing in share: limits out of the way, a clock that stands, no Redis."""

import pytest
import time_machine
from django.conf import settings as django_settings

from common import throttling

# Codes are of one 30 s step; the clock stands so that a test never crosses into the next.
NOON = 1_800_000_000.0


@pytest.fixture
def own_windows(settings):
    """Leave only the limits of failed tries, counted from nothing."""
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "authentication": 100_000}
    throttling.local_windows.clear()
    throttling._silence["until"] = 0.0
    yield
    throttling._silence["until"] = 0.0


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def no_redis(settings):
    nowhere = dict(django_settings.CACHES["default"], LOCATION="redis://127.0.0.1:1/0")
    settings.CACHES = {"default": nowhere}
