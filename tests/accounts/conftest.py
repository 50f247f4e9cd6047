"""What tests of signing in share: limits out of the way, a clock that stands, no Redis."""

from collections.abc import Iterator

import pytest
import time_machine
from django.conf import settings as django_settings

from accounts import social
from common import throttling
from config import sign_in_urls
from tests.factories.elsewhere import PROVIDERS
from tests.fakes.oauth.process import FakeOAuth, running

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


@pytest.fixture(scope="module")
def program() -> Iterator[FakeOAuth]:
    with running() as started:
        yield started


@pytest.fixture
def fake(program: FakeOAuth, settings) -> Iterator[FakeOAuth]:
    program.reset()
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "authentication": 100_000}
    before = settings.SIGN_IN_ADDRESSES
    settings.SIGN_IN_ADDRESSES = {
        "discord": sign_in_urls.discord(f"{program.url}/api/v10"),
        "google": sign_in_urls.google(program.url),
        "github": sign_in_urls.github(program.url),
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        name: {
            "APPS": [{"client_id": f"{name}-client", "secret": f"{name}-secret"}],
            "OAUTH_PKCE_ENABLED": True,
        }
        for name in PROVIDERS
    }
    social.use_addresses()
    yield program
    settings.SIGN_IN_ADDRESSES = before
    social.use_addresses()
