"""A password form that finds the line for password checks full sends itself again."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from accounts import hashers
from accounts.hashers import BCryptSHA256Rounds14PasswordHasher, Gate
from tests.factories.sign_in import PASSWORD, person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.row("A6")]
LOGIN = "/account/auth/login/"


@pytest.fixture(autouse=True)
def cheap_bcrypt(settings, monkeypatch):
    monkeypatch.setattr(BCryptSHA256Rounds14PasswordHasher, "rounds", 4)
    settings.PASSWORD_HASHERS = ["accounts.hashers.BCryptSHA256Rounds14PasswordHasher"]


@pytest.fixture
def full_gate(monkeypatch):
    """A gate nobody gets through until the stack is closed."""
    user = person()
    with ExitStack() as held:
        monkeypatch.setattr(hashers, "gate", Gate(running=1, waiting=0))
        held.enter_context(hashers.gate.enter())
        yield held, user


class TestOverHttp:
    def test_a_form_sent_by_script_hears_where_the_redirect_leads(self, client):
        form = {"login": person().email, "password": PASSWORD}

        answer = client.post(f"{LOGIN}?next=/terms/", form, headers={"Resend": "1"})

        assert (answer.status_code, answer.content) == (204, b"")
        assert answer["Resend-Location"] == "/terms/"
        assert "Location" not in answer
        assert settings.SESSION_COOKIE_NAME in answer.cookies

    def test_any_other_form_is_redirected(self, client):
        answer = client.post(
            f"{LOGIN}?next=/terms/", {"login": person().email, "password": PASSWORD}
        )

        assert (answer.status_code, answer["Location"]) == (302, "/terms/")
        assert "Resend-Location" not in answer

    def test_a_refused_form_comes_back_as_a_page_without_the_password(self, client):
        form = {"login": person().email, "password": "not the right one"}

        answer = client.post(LOGIN, form, headers={"Resend": "1"})

        assert answer.status_code == 200
        assert "not the right one" not in answer.content.decode()

    @pytest.mark.parametrize(
        "name",
        ["account_login", "account_signup", "account_change_password", "account_reauthenticate"],
    )
    def test_every_password_form_can(self, client, name):
        if name in {"account_change_password", "account_reauthenticate"}:
            client.force_login(person())

        page = client.get(reverse(name)).content.decode()

        assert page.count("data-resend-notice") == page.count(" data-resend>") == 1
        assert page.index(" data-resend>") < page.index("data-resend-notice")


def fill(page: Any, live_server, email: str, password: str = PASSWORD, *, to: str = "/terms/"):
    page.goto(f"{live_server.url}{LOGIN}?next={to}")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.click("main button[type=submit]")


@pytest.mark.browser
class TestInABrowser:
    def test_it_waits_and_signs_in_by_itself(self, page, live_server, full_gate):
        held, user = full_gate
        said: list[str] = []
        posts: list[tuple[str, int]] = []
        addresses: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda sent: addresses.append(sent.url))
        page.on("response", lambda got: posts.append((got.request.method, got.status)))
        fill(page, live_server, user.email)

        page.wait_for_selector("[data-resend-notice]:visible >> text=/sent again in [12] s/")
        assert page.input_value("input[name=password]") == PASSWORD
        source, kept = (
            page.content(),
            page.evaluate("JSON.stringify([localStorage, sessionStorage])"),
        )
        held.close()
        page.wait_for_url(f"{live_server.url}/terms/")

        answers = [status for method, status in posts if method == "POST"]
        assert (answers[0], answers[-1]) == (503, 204)
        hidden = [source, kept, *addresses]
        assert not any(PASSWORD in text or "correct%20horse" in text for text in hidden)
        assert [text for text in said if "Content Security Policy" in text] == []

    def test_a_button_ends_the_wait(self, page, live_server):
        user = person()
        page.route(f"**{LOGIN}*", refuse_posts([]))
        fill(page, live_server, user.email)
        page.wait_for_selector("text=/sent again in (600|599) s/")

        page.unroute(f"**{LOGIN}*")
        page.get_by_role("button", name="Send it now").click()

        page.wait_for_url(f"{live_server.url}/terms/")

    def test_it_gives_up_and_keeps_what_was_typed(self, page, live_server):
        user, tries = person(), list[str]()
        page.route(f"**{LOGIN}*", refuse_posts(tries))
        fill(page, live_server, user.email)
        for number in range(1, 6):
            page.wait_for_selector("text=/sent again in/")
            assert len(tries) == number
            page.get_by_role("button", name="Send it now").click()

        page.wait_for_selector("text=We are still busy")
        assert len(tries) == 6
        assert not page.get_by_role("button", name="Send it now").is_visible()
        page.unroute(f"**{LOGIN}*")
        page.click("main button[type=submit]")

        page.wait_for_url(f"{live_server.url}/terms/")

    def test_a_wrong_password_is_told_and_the_next_one_taken(self, page, live_server):
        user = person()
        fill(page, live_server, user.email, "not the right one")
        page.wait_for_selector("main [role=alert]")
        assert page.input_value("input[name=password]") == ""
        assert page.evaluate("document.activeElement.closest('main') !== null")

        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")

        page.wait_for_url(f"{live_server.url}/terms/")

    def test_a_lost_connection_is_told(self, page, live_server):
        user = person()
        page.route(f"**{LOGIN}*", lose_posts)
        fill(page, live_server, user.email)

        page.wait_for_selector("text=That did not reach us")
        assert page.input_value("input[name=password]") == PASSWORD

    def test_without_script_a_page_says_what_to_do(self, page, live_server, full_gate):
        _, user = full_gate
        plain = page.context.browser.new_page(java_script_enabled=False)

        fill(plain, live_server, user.email)

        assert plain.locator("h1").inner_text() == "We are busy right now"
        assert "Go back and send it again" in plain.locator("main").inner_text()


def refuse_posts(tries: list[str]) -> Callable[[Any], Any]:
    """Answer posts as a full line does, and note them; in place of the server."""

    def handle(route: Any) -> Any:
        if route.request.method != "POST":
            return route.continue_()
        tries.append(route.request.url)
        return route.fulfill(status=503, headers={"Retry-After": "600"}, body="busy")

    return handle


def lose_posts(route: Any) -> Any:
    return route.abort() if route.request.method == "POST" else route.continue_()
