"""Customers: found by address or account, never rewritten by a stranger, claimed by proof."""

import pytest

from accounts import actions
from accounts.models import Contact
from events.models import Event
from tests.factories.accounts import BusinessFactory, ContactFactory, UserFactory


@pytest.mark.django_db
class TestResolveContact:
    def test_a_stranger_who_types_a_known_address_changes_nothing_known(self) -> None:
        known = ContactFactory(name="Lan", email="lan@example.test", phone="+84901234567")

        found = actions.resolve_contact(
            business=known.business, name="Mallory", email="LAN@example.test", phone="+1555"
        )

        assert found.pk == known.pk
        assert (found.name, found.phone, found.user) == ("Lan", "+84901234567", None)

    def test_the_same_address_in_two_businesses_is_two_customers(self) -> None:
        first = actions.resolve_contact(business=BusinessFactory(), name="A", email="a@b.test")
        second = actions.resolve_contact(business=BusinessFactory(), name="A", email="a@b.test")

        assert first.pk != second.pk

    def test_people_without_an_address_stay_apart(self) -> None:
        business = BusinessFactory()

        actions.resolve_contact(business=business, name="A", phone="+84901")
        actions.resolve_contact(business=business, name="B", phone="+84902")

        assert Contact.objects.count() == 2


@pytest.mark.django_db
class TestClaimContacts:
    def test_ties_contacts_of_the_proven_address_and_records_it(self) -> None:
        contact = ContactFactory(email="lan@example.test")
        ContactFactory(email="other@example.test")
        user = UserFactory(email="Lan@example.test")

        assert actions.claim_contacts(user=user) == 1
        assert actions.claim_contacts(user=user) == 0

        contact.refresh_from_db()
        assert contact.user == user
        assert Event.objects.get().type == "contact.claimed"

    def test_leaves_a_contact_that_belongs_to_somebody(self) -> None:
        owner = UserFactory()
        contact = ContactFactory(email="lan@example.test", user=owner)

        actions.claim_contacts(user=UserFactory(email="lan@example.test"))

        contact.refresh_from_db()
        assert contact.user == owner
