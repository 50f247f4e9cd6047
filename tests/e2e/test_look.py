"""Every page of the site with the demo's data: usable by all, on a phone, in both themes."""

import re
from typing import Any

import pytest

from tests.e2e.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

PUBLIC = ("/", "/b/lotus-spa/", "/b/lotus-spa/massage/", "/terms/", "/privacy/", "/styleguide")
SIGNING_IN = ("/account/auth/login/", "/account/auth/signup/", "/account/auth/password/reset/")
CUSTOMER = (
    "/account/",
    "/account/?tab=past",
    "/account/?tab=payments",
    "/account/settings/",
    "/setup/",
)
ACCOUNT = ("/account/auth/email/", "/account/auth/password/change/", "/account/auth/2fa/")
# Not here: /api/docs, which Swagger UI draws; its contrast and nested controls are the package's.
INBOX = ("/inbox/",)
ADMIN = (
    "/admin/",
    "/admin/bookings/booking/",
    "/admin/payments/payment/",
    "/admin/payments/refund/",
    "/admin/accounts/auditentry/",
    "/admin/bookings/booking/1/change/",
    "/admin/bookings/booking/1/do/message/",
    "/admin/payments/payment/1/do/refund/",
    "/admin/bookings/service/1/change/",
)
DESK = tuple(
    f"/manage/lotus-spa/{part}"
    for part in (
        "",
        "week/",
        "bookings/",
        "services/",
        "services/new/",
        "hours/",
        "payments/",
        "team/",
    )
)


def findings(page):
    """Return what axe finds serious or critical."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        (item["id"], item["nodes"][0]["html"][:120])
        for item in found
        if item["impact"] in {"serious", "critical"}
    ]


def faults(page, site, addresses):
    """Return findings and sideways scrolling of the pages at 360 pixels."""
    wrong: list[tuple[Any, ...]] = []
    for address in addresses:
        answer = page.goto(f"{site}{address}")
        if answer.status != 200:
            wrong.append((address, answer.status))
        wrong += [(address, *finding) for finding in findings(page)]
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 360:
            wrong.append((address, "scrolls sideways", width))
    return wrong


@pytest.mark.row("A1", "A2", "B14", "E7", "E14")
@pytest.mark.parametrize("theme", ["light", "dark"])
class TestPages:
    def options(self, theme):
        # axe is put into the page as a script, which the pages' own policy refuses.
        return {"width": 360, "height": 740, "color_scheme": theme, "bypass_csp": True}

    def test_are_usable_by_visitors(self, site, new_page, theme):
        page = new_page(**self.options(theme))

        assert faults(page, site, PUBLIC + SIGNING_IN + INBOX) == []

    def test_are_usable_by_customers(self, site, new_page, theme):
        page = new_page(**self.options(theme))
        sign_in(page, site, "lan@frontdesk.test", has_second_factor=False)

        assert faults(page, site, CUSTOMER + ACCOUNT) == []

    def test_are_usable_by_the_desk(self, site, new_page, theme):
        page = new_page(**self.options(theme))
        sign_in(page, site, "owner@frontdesk.test", has_second_factor=True)

        assert faults(page, site, DESK) == []

    def test_are_usable_by_staff_in_the_admin(self, site, new_page, theme):
        page = new_page(**self.options(theme))
        sign_in(page, site, "admin@frontdesk.test", has_second_factor=True)

        assert faults(page, site, ADMIN) == []


@pytest.mark.row("A1")
class TestWithoutScript:
    def test_a_time_can_be_booked(self, site, new_page):
        page = new_page(java_script_enabled=False)

        page.goto(f"{site}/b/lotus-spa/massage/")
        page.locator("button.slot").last.click()
        page.fill("input[name=name]", "Vũ Trọng Phụng")
        page.fill("input[name=email]", "phung@customers.test")
        page.locator("main form button[type=submit]").last.click()

        assert page.locator("h1").inner_text() == "One step left: the payment"


@pytest.mark.row("A1")
class TestSteps:
    def test_follow_each_other_without_loading_a_page(self, site, new_page):
        page = new_page()
        loads = []
        page.goto(f"{site}/b/lotus-spa/massage/")
        page.on("load", lambda _page: loads.append(page.url))

        page.locator(".date-strip a:not([aria-disabled])").nth(1).click()
        page.wait_for_url("**day=**")
        page.locator("button.slot").last.click()
        page.fill("input[name=name]", "Xuân Diệu")
        page.fill("input[name=email]", "dieu@customers.test")
        page.locator("main form button[type=submit]").last.click()
        page.wait_for_selector("#booking")

        assert loads == []
        assert page.evaluate("document.activeElement.tagName") == "H1"
        assert "/bookings/bkg_" in page.url


@pytest.mark.row("A1", "E14")
class TestKeyboard:
    def test_a_refused_form_takes_one_to_the_first_mistake(self, site, new_page):
        page = new_page()
        page.goto(f"{site}/b/lotus-spa/massage/")
        page.locator("button.slot").last.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("input[name=name]")
        page.evaluate("document.querySelector('main form').noValidate = true")

        page.fill("input[name=email]", "no-address")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=alert]")

        page.wait_for_function("document.activeElement.name === 'name'")
        described = page.evaluate(
            "document.getElementById(document.activeElement.getAttribute('aria-describedby')"
            ".split(' ').pop()).innerText"
        )
        assert described == "This field is required."

    def test_the_admin_skips_to_its_content_and_opens_filters(self, site, new_page):
        page = new_page()
        sign_in(page, site, "owner@frontdesk.test", has_second_factor=True)
        page.goto(f"{site}/admin/bookings/booking/")

        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        page.get_by_role("button", name=re.compile("^Filters")).focus()
        page.keyboard.press("Enter")

        page.get_by_role("button", name="Apply Filters").wait_for()


@pytest.mark.row("A2", "A4", "E11")
class TestConversation:
    def test_reaches_the_other_side_while_both_look(self, site, new_page):
        customer, owner = new_page(width=390, height=844), new_page()
        sign_in(customer, site, "lan@frontdesk.test", has_second_factor=False)
        sign_in(owner, site, "owner@frontdesk.test", has_second_factor=True)
        customer.goto(f"{site}/account/")
        customer.get_by_role("link", name="Open").click()
        customer.wait_for_url("**/bookings/bkg_*/")
        booking = customer.url.rstrip("/").rsplit("/", 1)[1]
        owner.goto(f"{site}/manage/bookings/{booking}/")

        customer.fill("#message-body", "Tôi đến sớm được không?")
        customer.get_by_role("button", name="Send").click()
        owner.wait_for_selector("text=Tôi đến sớm được không?")
        owner.fill("#message-body", "Of course, the tea is ready.")
        owner.get_by_role("button", name="Send").click()
        customer.wait_for_selector("text=Of course, the tea is ready.")

        mine = customer.locator(".chat .is-mine p").last.inner_text()
        assert mine.endswith("Tôi đến sớm được không?")


@pytest.mark.row("A16")
class TestPolicy:
    def test_no_page_breaks_its_own(self, site, new_page):
        page = new_page()
        said = []
        page.on("console", lambda message: said.append(message.text))

        for address in (*PUBLIC, *SIGNING_IN):
            page.goto(f"{site}{address}")

        assert [text for text in said if "Content Security Policy" in text] == []
