"""Fixtures every app's tests share."""

import os
import shutil

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings

from tests.browser import page  # noqa: F401  a fixture

# How long an example takes is the machine's affair.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

# Folders whose tests start real processes or explore at length, the longest first.
_LONG = ("e2e", "config", "notifications", "api")


@pytest.fixture(autouse=True)
def empty_cache():
    """Start each test with an empty cache, so that none sees another's copies."""
    cache.clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests in one process, and all that need the whole product running in one.

    Browser tests are reported as skipped, by name, where no Chromium is found.
    """
    for item in items:
        group = "e2e" if item.path.parent.name == "e2e" else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
    # The long ones start first, so that no process waits for the other at the end.
    items.sort(
        key=lambda item: _LONG.index(name) if (name := item.path.parent.name) in _LONG else 9
    )
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    if os.environ.get("CHROMIUM_PATH") or any(shutil.which(name) for name in names):
        return
    skip = pytest.mark.skip(reason="no Chromium found: install chromium or set CHROMIUM_PATH")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(skip)
