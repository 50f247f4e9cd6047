"""Everybody who may come to a door, seen from one business."""

from accounts.models import Business, Contact, PlatformMember, Role, User
from tests.factories.accounts import ContactFactory, MembershipFactory, UserFactory

STRANGERS = ("anonymous", "customer", "other owner", "staff of nobody")
ROLES = tuple(role.value for role in Role)
PLATFORM = tuple(f"platform {group.value}" for group in PlatformMember.Group)
PEOPLE = (*STRANGERS, *ROLES, *PLATFORM, "superuser")


def make_people(business: Business) -> tuple[dict[str, User | None], Contact]:
    """Return the people by name, nobody for the stranger, and the customer's contact."""
    people: dict[str, User | None] = {
        "anonymous": None,
        "customer": UserFactory(),
        "other owner": MembershipFactory(user__is_staff=True).user,
        "staff of nobody": UserFactory(is_staff=True),
        "superuser": UserFactory(is_staff=True, is_superuser=True),
    }
    for role in Role:
        people[role.value] = MembershipFactory(
            business=business, role=role, user__is_staff=True
        ).user
    for group in PlatformMember.Group:
        user = UserFactory(is_staff=True)
        PlatformMember.objects.create(user=user, group=group)
        people[f"platform {group.value}"] = user
    return people, ContactFactory(business=business, user=people["customer"])


def with_platform(roles: frozenset[str]) -> frozenset[str]:
    """Return the roles with the platform's groups that may do what these do, and superusers."""
    groups = {f"platform {g.value}" for g in PlatformMember.Group if g.value in roles}
    return roles | groups | {"superuser"}
