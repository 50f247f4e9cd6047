"""A browser that looks at the live server of a test."""

import os
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection


@pytest.fixture
def page(transactional_db, monkeypatch) -> Iterator[Any]:
    """Open a page in the installed Chromium; its context's time limits suit a busy machine."""
    reason = "playwright is not installed"
    playwright = pytest.importorskip("playwright.sync_api", reason=reason)
    path = os.environ.get("CHROMIUM_PATH") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    )
    before = _other_sessions()
    # Playwright's own loop makes Django believe that it runs inside asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context()
        context.set_default_timeout(60_000)
        yield context.new_page()
        browser.close()
        # Inside the loop Django keeps a connection of its own, which nobody else closes.
        connection.close()
    _wait_for_sessions(before)


def _other_sessions() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
        return {pid for (pid,) in cursor.fetchall()}


def _wait_for_sessions(before: set[int]) -> None:
    """Wait for the live server's threads to hang up, so that the database can be removed."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and _other_sessions() - before:
        time.sleep(0.05)
