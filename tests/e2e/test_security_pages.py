"""Passkeys in a real browser with a virtual authenticator, and how the security pages look."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from operations.demo.people import PASSWORD
from tests.e2e.conftest import sign_in
from tests.e2e.test_look import findings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
LAN = "lan@frontdesk.test"
OPTIONS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_authenticator(page: Any) -> Any:
    """Give the page's browser a fingerprint reader that always agrees."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": OPTIONS})
    return page


def sign_out(page: Any, site: str) -> None:
    page.goto(f"{site}/account/auth/logout/")
    page.click("main button[type=submit]")
    page.wait_for_url(lambda address: "/logout/" not in address)


def send_password(page: Any, site: str) -> None:
    page.goto(f"{site}/account/auth/login/")
    page.fill("input[name=login]", LAN)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form.form button[type=submit]")


def in_account(address: str) -> bool:
    return address.rstrip("/").endswith("/account")


@pytest.mark.row("A7")
class TestPasskey:
    def test_is_added_asked_for_after_the_password_and_opens_the_account_alone(
        self, site: str, new_page: Callable[..., Any]
    ) -> None:
        # Browsers bind passkeys to host names, not to addresses.
        site = site.replace("127.0.0.1", "localhost")
        page = with_authenticator(new_page())
        send_password(page, site)
        page.wait_for_url(in_account)
        page.goto(f"{site}/account/auth/2fa/webauthn/add/")
        page.fill("input[name=password]", PASSWORD)
        page.click("main form.form button[type=submit]")
        page.fill("input[name=name]", "Laptop")
        page.check("input[name=passwordless]")
        page.click("#mfa_webauthn_add")
        page.wait_for_selector("ul.codes")
        assert page.locator("ul.codes li").count() == 10
        page.goto(f"{site}/account/auth/2fa/webauthn/")
        assert "Laptop" in page.inner_text("main")
        sign_out(page, site)

        send_password(page, site)
        page.wait_for_selector("#mfa_webauthn_authenticate")
        page.goto(f"{site}/account/settings/")
        assert "/account/auth/login/" in page.url or "/2fa/authenticate/" in page.url
        page.goto(f"{site}/account/auth/2fa/authenticate/")
        page.click("#mfa_webauthn_authenticate")
        page.wait_for_url(in_account)
        sign_out(page, site)

        page.goto(f"{site}/account/auth/login/")
        page.click("#passkey_login")
        page.wait_for_url(in_account)
        page.goto(f"{site}/account/settings/")
        assert LAN in page.inner_text("main")

        # The demo stays as it was for those who come after.
        page.goto(f"{site}/account/auth/2fa/webauthn/")
        page.click("text=Remove")
        if "reauthenticate" in page.url:
            page.fill("input[name=password]", PASSWORD)
            page.click("main form.form button[type=submit]")
        page.click("main form.form button[type=submit]")
        page.wait_for_url(re.compile(r"/2fa/webauthn/$"))


class TestBusyServer:
    @pytest.mark.row("A6")
    def test_is_waited_for_by_the_form_itself(
        self, site: str, new_page: Callable[..., Any]
    ) -> None:
        page = new_page()
        posts: list[str | None] = []

        def answer(route: Any) -> None:
            """Stand in for a full line of password checks twice, then let the server answer."""
            if route.request.method == "POST" and len(posts) < 3:
                posts.append(route.request.post_data)
            if route.request.method == "POST" and len(posts) < 3:
                route.fulfill(status=503, headers={"Retry-After": "1"}, body="busy")
            else:
                route.continue_()

        page.route("**/account/auth/login/", answer)

        send_password(page, site)
        page.wait_for_url(in_account)

        assert len(posts) == 3

    def test_shows_a_wrong_password_beside_the_form(
        self, site: str, new_page: Callable[..., Any]
    ) -> None:
        page = new_page()
        page.goto(f"{site}/account/auth/login/")
        page.fill("input[name=login]", "nobody@frontdesk.test")
        page.fill("input[name=password]", "a wrong password")
        page.click("main form.form button[type=submit]")

        page.wait_for_selector("main [role=alert]")

        assert page.input_value("input[name=login]") == "nobody@frontdesk.test"


@pytest.mark.row("A7")
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
class TestLook:
    def test_of_the_second_step(
        self, site: str, new_page: Callable[..., Any], width: int, scheme: str, tmp_path: Any
    ) -> None:
        page = new_page(width=width, height=844, color_scheme=scheme)
        sign_in(page, site, "sam@frontdesk.test", has_second_factor=True)
        page.goto(f"{site}/account/auth/2fa/recovery-codes/")
        if "reauthenticate" in page.url:
            assert findings(page) == []
            page.fill("input[name=password]", PASSWORD)
            page.click("main form.form button[type=submit]")
            page.wait_for_selector("ul.codes")
        for path in (
            "/account/settings/",
            "/account/auth/2fa/",
            "/account/auth/2fa/recovery-codes/",
            "/account/auth/2fa/recovery-codes/generate/",
            "/account/auth/2fa/totp/deactivate/",
            "/account/auth/2fa/webauthn/",
            "/account/auth/2fa/webauthn/add/",
            "/account/auth/password/change/",
            "/account/auth/email/",
        ):
            page.goto(site + path)
            assert findings(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
