"""What follows a proven address: contacts come along, a welcome is sent, a profile is asked for."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import user_signed_up
from django.db import transaction
from django.utils import timezone

from accounts import actions
from accounts import events as account_events
from accounts.models import Registration, User
from events import actions as events


@transaction.atomic
def complete_registration(*, user: User) -> bool:
    """Welcome somebody whose address was just proven; returns whether it was their first.

    Ties the contacts that carry the address to the account each time. Repeats safely: the
    registration's row is made, and told of, once.
    """
    actions.claim_contacts(user=user)
    _row, is_first = Registration.objects.get_or_create(user=user)
    if is_first:
        events.record(account_events.user_registered(user))
    return is_first


def awaits_profile(user: User) -> bool:
    """Say whether the account is new and its profile has not been set up."""
    return Registration.objects.filter(user=user, profile_done_at=None).exists()


@transaction.atomic
def finish_profile(*, user_id: int, actor: str, **profile: Any) -> User:
    """Save the first profile; raises ValidationError. Repeats safely."""
    user = actions.update_profile(user_id=user_id, actor=actor, **profile)
    Registration.objects.filter(user=user, profile_done_at=None).update(
        profile_done_at=timezone.now()
    )
    return user


def connect() -> None:
    """Listen to sign-ups whose address is proven from the start; repeats safely."""
    user_signed_up.connect(_on_signed_up, dispatch_uid="accounts.registration.signed_up")


def _on_signed_up(*, user: User, **_more: Any) -> None:
    """Complete at once what needs no mail: another provider or an invitation proved the address."""
    if EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists():
        complete_registration(user=user)
