"""Several at once, on real connections: one owner stays, one invitation is taken up once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts import policy
from accounts.models import AuditEntry, Invitation, Membership, Role, User
from accounts.team import actions, tokens
from accounts.team.errors import InvitationEnded, SentJustNow
from common.errors import Conflict, DomainError, Forbidden
from events.models import Event
from tests.factories.accounts import BusinessFactory, MembershipFactory
from tests.factories.sign_in import person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.row("E3")]


def together(*calls: Callable[[], object]) -> list[object]:
    """Run all calls at the same moment, each on a connection of its own; errors are answers."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        try:
            gate.wait(timeout=10)
            return call()
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, c) for c in calls]]


def fresh(user: User) -> User:
    """Return the account as another request would have it."""
    return User.objects.get(pk=user.pk)


class TestTwoOwners:
    @pytest.mark.parametrize("number", range(5))
    def test_who_remove_each_other_leave_one(self, number: int) -> None:
        business = BusinessFactory()
        first, second = (MembershipFactory(business=business).user for _ in range(2))

        answers = together(
            lambda: actions.remove(business=business, user=second, by=fresh(first)),
            lambda: actions.remove(business=business, user=first, by=fresh(second)),
        )

        refused = [answer for answer in answers if isinstance(answer, Forbidden | Conflict)]
        assert (len(refused), answers.count(None)) == (1, 1)
        assert Membership.objects.filter(business=business, role=Role.OWNER).count() == 1

    def test_who_hand_over_to_each_other_leave_one(self) -> None:
        business = BusinessFactory()
        first, second = (MembershipFactory(business=business).user for _ in range(2))

        together(
            lambda: actions.hand_over(business=business, owner=fresh(first), to=second),
            lambda: actions.hand_over(business=business, owner=fresh(second), to=first),
        )

        roles = Membership.objects.filter(business=business).values_list("role", flat=True)
        assert sorted(roles) == ["manager", "owner"]

    def test_one_removed_meanwhile_removes_nobody(self) -> None:
        business = BusinessFactory()
        stays, goes = (MembershipFactory(business=business).user for _ in range(2))
        clerk = MembershipFactory(business=business, role=Role.FRONT_DESK).user
        late = fresh(goes)
        assert policy.roles_of(late) == {business.pk: Role.OWNER}
        actions.remove(business=business, user=goes, by=stays)

        with pytest.raises(Forbidden):
            actions.remove(business=business, user=clerk, by=late)

        assert Membership.objects.filter(business=business, user=clerk).exists()


class TestOneInvitation:
    @pytest.fixture
    def owner(self) -> Membership:
        return MembershipFactory()

    @pytest.fixture
    def invitation(self, owner: Membership) -> Invitation:
        return actions.invite(
            business=owner.business, email="new@team.test", role=Role.SUPPORT, inviter=owner.user
        )

    def test_taken_up_many_times_at_once_is_one_place(self, invitation: Invitation) -> None:
        user, token = person("new@team.test"), tokens.token_of(invitation)

        answers = together(
            *[lambda: actions.accept(token=token, user=fresh(user)) for _ in range(6)]
        )

        assert {answer.pk for answer in answers if isinstance(answer, Membership)} == {
            Membership.objects.get(user=user).pk
        }
        assert Event.objects.filter(type="invitation.accepted").count() == 1
        assert Event.objects.filter(type="member.joined").count() == 1
        assert AuditEntry.objects.filter(action="member.set_role").count() == 1

    @pytest.mark.parametrize("number", range(5))
    def test_taken_up_while_withdrawn_is_one_or_the_other(
        self, owner: Membership, invitation: Invitation, number: int
    ) -> None:
        user, token = person("new@team.test"), tokens.token_of(invitation)

        answers = together(
            lambda: actions.accept(token=token, user=fresh(user)),
            lambda: actions.cancel(invitation_id=invitation.public_id, by=fresh(owner.user)),
        )

        invitation.refresh_from_db()
        is_member = Membership.objects.filter(user=user).exists()
        assert (invitation.status, is_member) in {("accepted", True), ("canceled", False)}
        assert sum(isinstance(answer, InvitationEnded) for answer in answers) == 1

    def test_made_twice_at_once_is_one(self, owner: Membership) -> None:
        answers = together(
            *[
                lambda: actions.invite(
                    business=owner.business,
                    email="twice@team.test",
                    role=Role.SUPPORT,
                    inviter=fresh(owner.user),
                )
                for _ in range(4)
            ]
        )

        assert sum(isinstance(answer, Invitation) for answer in answers) == 1
        assert sum(isinstance(answer, SentJustNow) for answer in answers) == 3
        assert Invitation.objects.count() == 1
