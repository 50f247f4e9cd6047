"""Leads: captured once, assigned inside the business, closed with a reason."""

import pytest

from common.errors import ValidationFailed
from events.models import Event
from leads import actions
from leads.errors import LeadClosed, ReasonMissing
from leads.models import Lead
from tests.factories.accounts import BusinessFactory, MembershipFactory, UserFactory


def capture(**changes):
    fields = {"name": "Lan", "email": "lan@example.test", "message": "Do you work on Sundays?"}
    return actions.capture_lead(**{"business": BusinessFactory(), **fields, **changes})


@pytest.mark.django_db
class TestCaptureLead:
    def test_keeps_the_enquiry_its_customer_and_the_first_message(self) -> None:
        lead = capture()

        assert lead.contact.email == "lan@example.test"
        assert [entry.body for entry in lead.communications.all()] == ["Do you work on Sundays?"]
        assert Event.objects.get(subject=lead.public_id).type == "lead.created"

    def test_a_known_address_is_the_same_customer(self) -> None:
        business = BusinessFactory()

        first = capture(business=business)
        second = capture(business=business, email="LAN@example.test", name="Somebody else")

        assert first.contact_id == second.contact_id
        assert second.contact.name == "Lan"

    def test_refuses_an_empty_message(self) -> None:
        with pytest.raises(ValidationFailed):
            capture(message="  ")

        assert Lead.objects.count() == 0


@pytest.mark.django_db
class TestFollowUp:
    def test_refuses_a_member_of_another_business(self) -> None:
        lead, stranger = capture(), MembershipFactory()

        with pytest.raises(ValidationFailed):
            actions.assign_lead(lead_id=lead.pk, membership=stranger, actor="usr_1")

        lead.refresh_from_db()
        assert lead.assigned_to is None

    def test_the_first_answer_moves_an_open_lead_into_conversation(self) -> None:
        lead = capture()

        actions.log_communication(
            lead_id=lead.pk,
            channel="phone",
            direction="outgoing",
            body="Yes.",
            author=UserFactory(),
        )

        lead.refresh_from_db()
        assert lead.stage == Lead.Stage.WORKING

    def test_a_lost_lead_says_why(self) -> None:
        lead = capture()

        with pytest.raises(ReasonMissing):
            actions.close_lead(lead_id=lead.pk, is_won=False, actor="usr_1")
        actions.close_lead(lead_id=lead.pk, is_won=False, actor="usr_1", reason="Too far away")

        lead.refresh_from_db()
        assert (lead.stage, lead.lost_reason) == ("lost", "Too far away")

    def test_a_closed_lead_takes_no_further_step(self) -> None:
        lead = capture()
        actions.close_lead(lead_id=lead.pk, is_won=True, actor="usr_1")

        with pytest.raises(LeadClosed):
            actions.close_lead(lead_id=lead.pk, is_won=False, actor="usr_1", reason="No")
