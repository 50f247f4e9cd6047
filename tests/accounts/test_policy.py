"""Policy: rows and verbs by role, customer, guest and stranger."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts import policy
from accounts.models import Business, Contact, Role
from common.errors import Forbidden, NotFound, NotSignedIn
from tests.factories.accounts import (
    BusinessFactory,
    ContactFactory,
    MembershipFactory,
    UserFactory,
)


@pytest.mark.django_db
@pytest.mark.row("B9")
class TestPolicy:
    def test_a_member_sees_the_customers_of_their_business_only(self) -> None:
        member = MembershipFactory(role=Role.FRONT_DESK)
        own, _foreign = ContactFactory(business=member.business), ContactFactory()

        assert list(policy.visible_to(member.user, Contact.objects.all())) == [own]

    def test_a_role_without_the_verb_is_refused(self) -> None:
        finance = MembershipFactory(role=Role.FINANCE)
        contact = ContactFactory(business=finance.business)

        assert policy.can(finance.user, "view", contact)
        assert not policy.can(finance.user, "change", contact)

    def test_a_customer_sees_themselves(self) -> None:
        user = UserFactory()
        own, _other = ContactFactory(user=user), ContactFactory()

        assert list(policy.visible_to(user, Contact.objects.all())) == [own]
        assert policy.can(user, "view", own)
        assert not policy.can(user, "change", own)

    def test_a_superuser_sees_all_and_an_inactive_one_nothing(self) -> None:
        contact = ContactFactory()
        root = UserFactory(is_superuser=True)

        assert policy.can(root, "change", contact)
        root.is_active = False
        assert not policy.can(root, "change", contact)

    def test_a_stranger_is_asked_to_sign_in_and_another_is_refused(self) -> None:
        contact = ContactFactory()

        with pytest.raises(NotSignedIn):
            policy.fetch(AnonymousUser(), "view", Contact.objects.all(), pk=contact.pk)
        with pytest.raises(Forbidden):
            policy.fetch(UserFactory(), "view", Contact.objects.all(), pk=contact.pk)
        with pytest.raises(NotFound):
            policy.fetch(UserFactory(), "view", Contact.objects.all(), pk=0)

    def test_anybody_sees_an_open_business_and_only_members_a_closed_one(self) -> None:
        opened, closed = BusinessFactory(), BusinessFactory(is_active=False)
        owner = MembershipFactory(business=closed)

        assert list(policy.visible_to(AnonymousUser(), Business.objects.all())) == [opened]
        assert policy.can(owner.user, "view", closed)
        assert not policy.can(UserFactory(), "view", closed)

    def test_roles_are_read_once_for_many_questions(self, django_assert_num_queries) -> None:
        member = MembershipFactory()
        contacts = ContactFactory.create_batch(3, business=member.business)

        with django_assert_num_queries(1):
            assert all(policy.can(member.user, "change", contact) for contact in contacts)
