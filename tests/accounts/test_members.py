"""Who works for a business; one owner always stays."""

import threading

import pytest
from django.db import connections

from accounts import actions
from accounts.admin.businesses import MembershipForm
from accounts.models import Membership, Role
from common.errors import Conflict
from tests.factories.accounts import BusinessFactory, MembershipFactory


def demote(membership):
    return actions.add_member(
        business=membership.business, user=membership.user, role=Role.FINANCE, actor="usr_1"
    )


@pytest.mark.django_db
@pytest.mark.row("E3")
class TestLastOwner:
    def test_keeps_the_role(self):
        owner = MembershipFactory()

        with pytest.raises(Conflict):
            demote(owner)

        owner.refresh_from_db()
        assert owner.role == Role.OWNER

    def test_may_go_when_another_stays(self):
        owner = MembershipFactory()
        MembershipFactory(business=owner.business)

        assert demote(owner).role == Role.FINANCE

    def test_may_be_named_owner_again(self):
        owner = MembershipFactory()

        same = actions.add_member(
            business=owner.business, user=owner.user, role=Role.OWNER, actor="usr_1"
        )

        assert same.pk == owner.pk


@pytest.mark.django_db(transaction=True)
class TestTwoOwnersAtOnce:
    def test_do_not_leave_the_business_without_one(self):
        business = BusinessFactory()
        owners = [MembershipFactory(business=business) for _ in range(2)]
        barrier, refused = threading.Barrier(2), []

        def step_down(owner) -> None:
            try:
                barrier.wait()
                demote(owner)
            except Conflict:
                refused.append(owner)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=step_down, args=[owner]) for owner in owners]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(refused) == 1
        assert Membership.objects.filter(business=business, role=Role.OWNER).count() == 1


@pytest.mark.django_db
class TestFormOfTheAdmin:
    def test_changes_no_role_of_somebody_who_is_a_member_already(self):
        owner = MembershipFactory()
        sent = {"business": owner.business_id, "email": owner.user.email, "role": Role.FINANCE}

        form = MembershipForm(sent)

        assert form.errors == {"email": ["They are a member already. Change their role instead."]}
