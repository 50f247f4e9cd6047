"""How allauth is fitted in: names, encrypted second factors, claimed contacts."""

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext

from accounts import actions, sign_in
from accounts.mails import account_mail
from accounts.models import User
from accounts.onboarding import registration
from common import fields
from common.client_address import client_address, network_key
from common.errors import Busy


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Sign-up and sign-in by email address."""

    def get_client_ip(self, request: Any) -> str:
        """Return the caller's network, by which the library limits tries, as our own limits do.

        By itself it takes a proxy for the caller, so that everybody would share one limit.
        """
        return network_key(client_address(request))

    def render_mail(
        self, template_prefix: str, email: Any, context: Any, headers: Any = None
    ) -> EmailMessage:
        """Write the mails people act on in the product's own form, the rest as the library does."""
        to = [email] if isinstance(email, str) else email
        own = account_mail(
            template_prefix=template_prefix, sender=self.get_from_email(), to=to, context=context
        )
        if own is None:
            return cast(EmailMessage, super().render_mail(template_prefix, email, context, headers))
        own.extra_headers.update(headers or {})
        return own

    def pre_authenticate(self, request: Any, **credentials: Any) -> None:
        """Refuse who failed too often, before a password is computed; in place of the library's.

        Its own limit counts in the cache, which lets everything pass while it is away.
        """
        if not sign_in.take_try(**_caller(request, credentials)):
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: Any, **credentials: Any) -> User | None:
        """Return whose password it is. Only a wrong one stays counted. Raises Busy."""
        try:
            user: User | None = super().authenticate(request, **credentials)
        except Busy:
            sign_in.give_back(**_caller(request, credentials))
            raise
        if user is not None:
            sign_in.give_back(**_caller(request, credentials))
        return user

    def set_password(self, user: User, password: str) -> None:
        """Set a password as every door does: change, reset, and the first one. Raises Busy."""
        actions.set_password(user=user, password=password, actor=user.public_id)

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: Any = None, email: str | None = None
    ) -> None:
        """Tell the owner of a change, by a reaction: the change must not wait for the mail server.

        News for an address that is no longer the account's is sent at once.
        """
        if email is not None:
            super().send_notification_mail(template_prefix, user, context, email)
            return
        change = template_prefix.rsplit("/", 1)[-1]
        actions.record_security_change(user=user, change=change, actor=user.public_id)

    def get_signup_redirect_url(self, request: Any) -> str:
        """Lead a new account to its profile."""
        return reverse("account_welcome")

    def get_login_redirect_url(self, request: Any) -> str:
        """Lead a new account to its profile, and everybody else home."""
        user = request.user
        if isinstance(user, User) and registration.awaits_profile(user):
            return reverse("account_welcome")
        return str(super().get_login_redirect_url(request))

    def unstash_verified_email(self, request: Any) -> str | None:
        """Give no address beside the one that is typed at sign-up.

        The library would take the one an invitation proved in its place. It only spares the mail
        that asks for proof, where both are the same; `team.joining` forgets it then.
        """
        return None

    def confirm_email(self, request: Any, email_address: Any) -> Any:
        """Welcome whoever proved their address; contacts that carry it come along."""
        result = super().confirm_email(request, email_address)
        user = email_address.user
        if isinstance(user, User) and user.email.lower() == email_address.email.lower():
            registration.complete_registration(user=user)
        return result


def _caller(request: Any, credentials: dict[str, Any]) -> dict[str, str]:
    return {"email": str(credentials.get("email", "")), "address": client_address(request)}


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Keeps TOTP seeds and recovery seeds encrypted."""

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002  allauth's signature
        """Offer a name for a new passkey."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return gettext("Passkey %(number)d") % {"number": count + 1}

    def encrypt(self, text: str) -> str:
        """Encrypt with the newest field key."""
        return fields.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt with whichever field key fits."""
        return fields.decrypt(encrypted_text)
