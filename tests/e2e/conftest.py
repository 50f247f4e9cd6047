"""A whole running product with its demo data, and browsers that look at it."""

import base64
import hashlib
import hmac
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from operations.demo.people import PASSWORD, TOTP_SECRET
from tests.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 300
_GIVEN_SERVICES = {"DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL"}


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="package")
def site() -> Iterator[str]:
    """Start what `bin/run` starts, with data of its own; yields the address."""
    web = free_ports(2)
    folder = Path(tempfile.mkdtemp(prefix="fd-e2e-"))
    env = {name: value for name, value in os.environ.items() if name not in _GIVEN_SERVICES}
    env |= {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "FRONTDESK_VAR": str(folder),
        "HOST": "127.0.0.1",
        "PORT": str(web),
        "REALTIME_PORT": str(web + 1),
        # All tests come from one address.
        "RATE_LIMIT_AUTHENTICATION": "100",
    }
    log = (folder / "run.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "config.run"],
        cwd=ROOT,
        env=env,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{web}"
    ends_at = time.monotonic() + _START_SECONDS
    try:
        while not _answers(address):
            tail = (folder / "run.log").read_text(errors="replace")[-4000:]
            assert process.poll() is None, tail
            assert time.monotonic() < ends_at, tail
            time.sleep(0.3)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """Start the installed Chromium.

    It ends with this package: Playwright keeps an event loop running in its thread, in which
    Django refuses to touch the database.
    """
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM_PATH") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    )
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=arguments)
        yield running
        running.close()


@pytest.fixture
def new_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a page in a browser of its own; a script error on it fails the test."""
    contexts, errors = [], []

    def open_page(*, width: int = 1280, height: int = 800, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def current_code(secret: str = TOTP_SECRET) -> str:
    """Return the second factor's code of now (RFC 6238, 30 s, SHA-1, six digits).

    A code about to end is not used: the server may be asked after the turn. Then the next is
    waited for, 10 s at the most.
    """
    while time.time() % 30 > 20:
        time.sleep(0.1)
    digest = hmac.new(
        base64.b32decode(secret), struct.pack(">Q", int(time.time() // 30)), hashlib.sha1
    ).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


_cookies: dict[tuple[str, str], Any] = {}


def sign_in(page: Any, site: str, email: str, *, has_second_factor: bool = False) -> None:
    """Sign a demo person in through the site's own pages; a later page takes the session over.

    One sign-in a person: a code of the second factor works once, and sign-ins are rate limited.
    """
    known = _cookies.get((site, email))
    if known is not None:
        page.context.add_cookies(known)
        return
    page.goto(f"{site}/account/auth/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form.form button[type=submit]")
    if has_second_factor:
        page.wait_for_selector("input[name=code]")
        page.fill("input[name=code]", current_code())
        page.click("main form.form button[type=submit]")
    page.wait_for_url(lambda address: "/account/auth/" not in address)
    _cookies[site, email] = page.context.cookies()
