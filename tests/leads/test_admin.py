"""Leads in the admin: limited to one's business, moved by buttons that call the actions."""

import pytest
from django.urls import reverse

from accounts.models import Role
from leads import actions
from leads.models import Lead
from tests.factories.accounts import BusinessFactory, MembershipFactory
from tests.factories.sign_in import verified_client


def make_lead(business) -> Lead:
    return actions.capture_lead(
        business=business, name="Nguyễn Lan", email="lan@example.test", message="Open on Sunday?"
    )


@pytest.fixture
def desk():
    return MembershipFactory(role=Role.FRONT_DESK, user__is_staff=True)


@pytest.mark.django_db
class TestLeadAdmin:
    def test_lists_the_leads_of_ones_business_only(self, desk) -> None:
        own = make_lead(desk.business)
        make_lead(BusinessFactory(name="Elsewhere"))

        page = verified_client(desk.user).get(reverse("admin:leads_lead_changelist") + "?q=nguyen")

        assert [row.pk for row in page.context["cl"].result_list] == [own.pk]

    def test_a_lost_lead_needs_a_reason_and_keeps_it(self, desk) -> None:
        lead, client = make_lead(desk.business), verified_client(desk.user)
        press = f"{reverse('admin:leads_lead_changelist')}{lead.pk}/do/lose/"

        refused = client.post(press, {"reason": ""})
        client.post(press, {"reason": "Too far away"})

        lead.refresh_from_db()
        assert refused.status_code == 400
        assert (lead.stage, lead.lost_reason) == ("lost", "Too far away")

    def test_another_business_lead_cannot_be_moved(self, desk) -> None:
        lead = make_lead(BusinessFactory())
        press = f"{reverse('admin:leads_lead_changelist')}{lead.pk}/do/win/"

        answer = verified_client(desk.user).post(press)

        lead.refresh_from_db()
        assert answer.status_code in {302, 403, 404}
        assert lead.stage == "open"
