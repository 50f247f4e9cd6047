"""A stranger signs up, says who they are, and opens the page of their business."""

import os
import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
EMAIL = "hanh@newcomers.test"


def picture(page, name: str) -> None:
    """Keep a picture for whoever wants to look."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.row("E1")
class TestRegistration:
    @pytest.mark.parametrize("width", [1280, 390])
    def test_ends_on_a_page_where_customers_can_book(self, site, new_page, width) -> None:
        page = new_page(width=width, height=844, timezone_id="Asia/Ho_Chi_Minh")
        email, name = f"{width}{EMAIL}", f"Tiệm Tóc {width}"
        page.goto(f"{site}/account/auth/signup/")
        page.fill("input[name=email]", email)
        page.fill("input[name=password1]", "a quiet place to cut hair")
        page.click("main button[type=submit]")
        page.wait_for_url("**/confirm-email/")
        inbox = new_page()
        inbox.goto(f"{site}/inbox/")
        inbox.get_by_text(email).first.click()
        link = re.search(r"/account/auth/confirm-email/[^\s\"<]+", inbox.content())
        assert link is not None
        page.goto(f"{site}{link.group()}")
        page.click("main button[type=submit]")

        page.wait_for_url("**/account/welcome/")
        assert page.input_value("select[name=timezone]") in {"Asia/Ho_Chi_Minh", "Asia/Saigon"}
        picture(page, f"welcome-{width}")
        page.fill("input[name=full_name]", "Lê Hạnh")
        page.get_by_role("button", name="Save and set up my business").click()

        page.fill("input[name=name]", name)
        page.get_by_text(f"/b/tiem-toc-{width}/ is free.").wait_for()
        assert page.input_value("input[name=slug]") == f"tiem-toc-{width}"
        picture(page, f"name-{width}")
        for step in ("place", "hours", "service"):
            page.get_by_role("button", name="Save and continue").click()
            page.wait_for_url(f"**/{step}/")
            picture(page, f"{step}-{width}")
        page.fill("input[name=service_name]", "Haircut")
        page.fill("input[name=price]", "250000")
        page.get_by_role("button", name="Save and continue").click()
        page.wait_for_url("**/finish/")
        picture(page, f"ready-{width}")
        page.get_by_role("button", name="Open my page").click()
        page.wait_for_selector("text=Your page is open")
        picture(page, f"open-{width}")
        page.get_by_role("link", name="See your page").click()

        assert page.locator("h1").inner_text() == name
        assert page.get_by_role("link", name="Haircut").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
