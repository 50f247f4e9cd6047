"""Fixtures every app's tests share."""

import os
import shutil

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def empty_cache():
    """Start each test with an empty cache, so that none sees another's copies."""
    cache.clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Report browser tests as skipped, by name, where no Chromium is found."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    if os.environ.get("CHROMIUM_PATH") or any(shutil.which(name) for name in names):
        return
    skip = pytest.mark.skip(reason="no Chromium found: install chromium or set CHROMIUM_PATH")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(skip)
