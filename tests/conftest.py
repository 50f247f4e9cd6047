"""Fixtures every app's tests share."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def empty_cache():
    """Start each test with an empty cache, so that none sees another's copies."""
    cache.clear()
