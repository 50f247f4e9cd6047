"""Reads of people and businesses."""

from accounts.models import Business, Contact, User


def find_business(public_id: str) -> Business | None:
    """Return the business as it is now."""
    return Business.objects.filter(public_id=public_id).first()


def find_contact(public_id: str) -> Contact | None:
    """Return the customer as known now."""
    return Contact.objects.select_related("business", "user").filter(public_id=public_id).first()


def find_user(public_id: str) -> User | None:
    """Return the account as it is now."""
    return User.objects.filter(public_id=public_id).first()
