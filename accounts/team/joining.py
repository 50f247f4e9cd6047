"""Signing up to join a team: the link proves the address, and the place is taken at once."""

from typing import Any, Final

from allauth.account.adapter import get_adapter
from allauth.account.signals import user_signed_up
from django.http import HttpRequest

from accounts.models import Invitation, User
from accounts.team import actions
from common.errors import DomainError

_KEY: Final = "joining"


def begin(request: HttpRequest, *, invitation: Invitation, token: str) -> None:
    """Remember in the session which invitation a sign-up is for.

    The link went to the address alone, so whoever brings it need not prove the address again.
    """
    get_adapter(request).stash_verified_email(request, invitation.email)
    request.session[_KEY] = token


def connect() -> None:
    """Listen to sign-ups; repeats safely."""
    user_signed_up.connect(_on_signed_up, dispatch_uid="accounts.team.signed_up")


def _on_signed_up(*, request: HttpRequest | None, user: User, **_more: Any) -> None:
    token = request.session.pop(_KEY, "") if request is not None else ""
    if request is None or not token:
        return
    request.session.pop("account_verified_email", None)
    try:
        actions.accept(token=token, user=user)
    except DomainError:
        # The account stays; the page of the invitation, where the sign-up leads, says why.
        return
