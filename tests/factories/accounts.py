"""Smallest valid people and businesses."""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.api_keys import actions as api_keys
from accounts.api_keys import scopes
from accounts.models import ApiKey, Business, Contact, Membership, Role, Staff, User


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user{n}@example.test")
    full_name = factory.Sequence(lambda n: f"User {n}")


class BusinessFactory(DjangoModelFactory[Business]):
    class Meta:
        model = Business

    slug = factory.Sequence(lambda n: f"business-{n}")
    name = factory.Sequence(lambda n: f"Business {n}")
    timezone = "Asia/Ho_Chi_Minh"
    currency = "VND"


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    business = factory.SubFactory(BusinessFactory)
    role = Role.OWNER


class StaffFactory(DjangoModelFactory[Staff]):
    class Meta:
        model = Staff

    user = factory.SubFactory(UserFactory)
    display_name = factory.LazyAttribute(lambda staff: staff.user.full_name)


class ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    business = factory.SubFactory(BusinessFactory)
    name = factory.Sequence(lambda n: f"Customer {n}")
    email = factory.Sequence(lambda n: f"customer{n}@example.test")


def make_key(business: Business, *scopes_: str, kind: str = "live") -> tuple[ApiKey, str]:
    """Return a key of the business and its secret; without scopes named it has them all."""
    return api_keys.create_key(
        business=business,
        name="Till",
        kind=kind,
        scopes_=frozenset(scopes_) or scopes.codes(),
        expires_at=None,
        creator=UserFactory(),
        now=timezone.now(),
    )
