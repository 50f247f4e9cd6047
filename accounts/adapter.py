"""How allauth is fitted in: names, encrypted second factors, claimed contacts."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from accounts import actions
from accounts.models import User
from common import fields
from common.client_address import client_address, network_key


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Sign-up and sign-in by email address."""

    def get_client_ip(self, request: Any) -> str:
        """Return the caller's network, by which the library limits tries, as our own limits do.

        By itself it takes a proxy for the caller, so that everybody would share one limit.
        """
        return network_key(client_address(request))

    def confirm_email(self, request: Any, email_address: Any) -> Any:
        """Tie the contacts that carry the proven address to the account."""
        result = super().confirm_email(request, email_address)
        user = email_address.user
        if isinstance(user, User) and user.email.lower() == email_address.email.lower():
            actions.claim_contacts(user=user)
        return result


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Keeps TOTP seeds and recovery seeds encrypted."""

    def encrypt(self, text: str) -> str:
        """Encrypt with the newest field key."""
        return fields.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt with whichever field key fits."""
        return fields.decrypt(encrypted_text)
