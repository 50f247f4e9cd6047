"""Leaving for a provider's page: our own address by redirect, another's by a page that moves on."""

import pytest
from django.test import RequestFactory

from common.pages import leave_to


@pytest.mark.django_db
class TestLeaveTo:
    def test_redirects_inside_the_site(self, settings) -> None:
        answer = leave_to(RequestFactory().get("/"), f"{settings.SITE_URL}/sandbox/pay/x/")

        assert (answer.status_code, answer["Location"]) == (
            302,
            f"{settings.SITE_URL}/sandbox/pay/x/",
        )

    def test_moves_on_to_a_provider_by_a_page_with_a_link(self, client, rf) -> None:
        request = rf.get("/")
        request.csp_nonce = "x"

        page = leave_to(request, 'https://checkout.stripe.test/c/pay?a=1&b="2').content.decode()

        assert 'content="0;url=https://checkout.stripe.test/c/pay?a=1&amp;b=&quot;2"' in page
        assert 'href="https://checkout.stripe.test/c/pay?a=1&amp;b=&quot;2"' in page
