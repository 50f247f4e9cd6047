"""What the sign-in API for apps tells of an account."""

import dataclasses
from typing import Any

from allauth.headless.adapter import DefaultHeadlessAdapter

from accounts.models import User


@dataclasses.dataclass(frozen=True, slots=True)
class AppUser:
    """The account that signs in; row numbers stay in the database."""

    id: str
    display: str
    email: str
    has_usable_password: bool


class HeadlessAdapter(DefaultHeadlessAdapter):  # type: ignore[misc]  # allauth ships no types
    """Names accounts by their public id."""

    def get_user_dataclass(self) -> type[AppUser]:
        """Return the shape."""
        return AppUser

    def user_as_dataclass(self, user: Any) -> AppUser:
        """Return the account in that shape; one that is not saved yet has no id."""
        assert isinstance(user, User)  # the only model of accounts  # noqa: S101
        return AppUser(
            id=user.public_id if user.pk else "",
            display=str(user),
            email=user.email,
            has_usable_password=user.has_usable_password(),
        )
