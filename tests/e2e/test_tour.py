"""The whole tour, in three browsers: browse, book, pay, confirmed live, mail, refund."""

import re

import pytest

from tests.e2e.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
NAME = "Hồ Ngọc Hà"


@pytest.mark.row("A1", "A2", "B5", "B14", "E11")
class TestTour:
    def test_a_paid_booking_is_confirmed_and_told_live_and_can_be_refunded(
        self, site, new_page
    ) -> None:
        customer, owner, desk = new_page(), new_page(), new_page(width=390, height=844)
        sign_in(owner, site, "owner@frontdesk.test", has_second_factor=True)
        sign_in(desk, site, "desk@frontdesk.test", has_second_factor=True)
        owner.goto(f"{site}/manage/lotus-spa/bookings/")
        desk.goto(f"{site}/manage/lotus-spa/bookings/")

        customer.goto(site)
        customer.get_by_role("link", name=re.compile("Lotus Spa")).first.click()
        customer.get_by_role("link", name=re.compile("Traditional massage")).first.click()
        customer.locator("button.slot").first.click()
        customer.fill("input[name=name]", NAME)
        customer.fill("input[name=email]", "ha@customers.test")
        customer.locator("main form button[type=submit]").last.click()
        customer.get_by_role("button", name=re.compile("Pay deposit")).click()
        customer.get_by_role("button", name=re.compile("Approve", re.IGNORECASE)).first.click()

        customer.wait_for_selector("text=Your booking is confirmed")
        booking_page = customer.url
        owner.wait_for_selector(f"text={NAME}")
        desk.wait_for_selector(f"text={NAME}")

        inbox = new_page()
        inbox.goto(f"{site}/inbox/")
        inbox.wait_for_function(
            f"() => document.body.innerText.includes({NAME!r}) || location.reload()", polling=1000
        )

        owner.goto(f"{site}/admin/payments/payment/")
        owner.locator("#result_list tbody tr", has_text=NAME).locator("a").first.click()
        owner.get_by_role("link", name="Refund", exact=True).click()
        owner.fill("textarea[name=reason]", "The customer fell ill")
        owner.get_by_role("button", name="Refund").click()

        assert customer.url == booking_page
        customer.wait_for_selector("text=/refunded/i")
