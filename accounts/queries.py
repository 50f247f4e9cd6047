"""Reads of people and businesses."""

from typing import Final

from allauth.mfa.models import Authenticator

from accounts.models import Business, Contact, User

# Recovery codes stand in for a lost factor; alone they are none.
FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(user_id: int) -> bool:
    """Say whether the account is asked for a second factor when it signs in."""
    return bool(Authenticator.objects.filter(user_id=user_id, type__in=FACTORS).exists())


def find_business(public_id: str) -> Business | None:
    """Return the business as it is now."""
    return Business.objects.filter(public_id=public_id).first()


def find_contact(public_id: str) -> Contact | None:
    """Return the customer as known now."""
    return Contact.objects.select_related("business", "user").filter(public_id=public_id).first()


def find_user(public_id: str) -> User | None:
    """Return the account as it is now."""
    return User.objects.filter(public_id=public_id).first()
