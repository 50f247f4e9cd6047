"""Sign-in with Discord, Google and GitHub, by allauth.

A person known there is found or gets an account here. Where their verified address belongs to an
account that is not connected yet, they sign in to that account first: only then is it connected.
"""

import time
from typing import Any, Final

from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.discord.views import DiscordOAuth2Adapter
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.http import Http404, HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import actions
from accounts.models import User

_WAITING: Final = "connect_after_sign_in"
_WAITING_SECONDS: Final = 15 * 60
_ADAPTERS: Final = {
    "discord": DiscordOAuth2Adapter,
    "google": GoogleOAuth2Adapter,
    "github": GitHubOAuth2Adapter,
}


def connect() -> None:
    """Take the settings' addresses and listen to sign-ins and connections; repeats safely."""
    use_addresses()
    user_logged_in.connect(_on_signed_in, dispatch_uid="accounts.social.signed_in")
    social_account_added.connect(_on_added, dispatch_uid="accounts.social.added")
    social_account_removed.connect(_on_removed, dispatch_uid="accounts.social.removed")


def use_addresses() -> None:
    """Give the library's adapters the addresses of settings.SIGN_IN_ADDRESSES."""
    for provider, addresses in settings.SIGN_IN_ADDRESSES.items():
        for name, address in addresses.items():
            setattr(_ADAPTERS[provider], name, address)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """How people known elsewhere become accounts here."""

    def get_requests_session(self) -> Any:
        """Ask providers directly, whatever proxy the environment names."""
        session = super().get_requests_session()
        session.trust_env = False
        return session

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """Return the configured app; a provider that is not configured is not there (404)."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist:
            raise Http404 from None

    def new_user(self, request: HttpRequest, sociallogin: SocialLogin) -> User:
        """Make an account that can wait in a session, which takes no value the database gives."""
        user: User = super().new_user(request, sociallogin)
        user.date_joined = timezone.now()
        return user

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> User:
        """Take over the name as well, as far as the provider tells one."""
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        name = " ".join(filter(None, parts)) or data.get("name") or data.get("username") or ""
        user.full_name = str(name)[:150]
        return user

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Make the account; what businesses know of its proven address comes with it."""
        user: User = super().save_user(request, sociallogin, form)
        if EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists():
            actions.claim_contacts(user=user)
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Ask for proof where the verified address is another account's: signing in to it."""
        if sociallogin.is_existing or sociallogin.state.get("process") != AuthProcess.LOGIN:
            return
        owner = _owner_of(sociallogin)
        if owner is None:
            return
        waiting = {"user": owner.pk, "at": time.time(), "login": sociallogin.serialize()}
        request.session[_WAITING] = waiting
        messages.info(
            request,
            _(
                "You have an account with this email address already. Sign in to it once, and "
                "%(provider)s is connected to it."
            )
            % {"provider": sociallogin.provider.name},
        )
        raise ImmediateHttpResponse(redirect("account_login"))


def _owner_of(sociallogin: SocialLogin) -> User | None:
    """Return the account an address belongs to that the provider says is proven."""
    for address in sociallogin.email_addresses:
        if address.verified:
            users = filter_users_by_email(address.email, prefer_verified=True)
            if users:
                return users[0]  # type: ignore[no-any-return]  # allauth ships no types
    return None


def _on_signed_in(*, request: HttpRequest | None, user: User, **_more: Any) -> None:
    """Connect what waited for this account's owner to sign in; drop what waited for another's."""
    session = getattr(request, "session", None)
    waiting = session.pop(_WAITING, None) if session is not None else None
    if not waiting or waiting["user"] != user.pk:
        return
    if time.time() - waiting["at"] > _WAITING_SECONDS:
        return
    sociallogin = SocialLogin.deserialize(waiting["login"])
    known = SocialAccount.objects.filter(
        provider=sociallogin.account.provider, uid=sociallogin.account.uid
    )
    if not known.exists():
        sociallogin.connect(request, user)


def _on_added(*, sociallogin: SocialLogin, **_more: Any) -> None:
    _record("user.connect_account", sociallogin.account)


def _on_removed(*, socialaccount: SocialAccount, **_more: Any) -> None:
    _record("user.disconnect_account", socialaccount)


def _record(action: str, account: SocialAccount) -> None:
    actions.record_audit(
        actor=account.user.public_id,
        action=action,
        subject=account.user.public_id,
        after={"provider": account.provider},
    )
