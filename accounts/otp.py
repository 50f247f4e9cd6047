"""The bridge between allauth and django-otp.

allauth stores second factors and asks for them; django-otp decides who is verified. A session is
verified when allauth recorded a second factor in it, or when its user has just set one up in it.
The receivers listen to allauth's and Django's own signals; there are no others.
"""

import secrets
import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.signals import authentication_step_completed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.mfa.utils import encrypt
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django_otp import login as otp_login

from accounts import actions
from accounts.models import SecondFactor, User

# Recovery codes stand in for a lost factor; alone they are none.
_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
_METHOD = "mfa"


@transaction.atomic
def enroll_totp(*, user: User, secret: str) -> Authenticator:
    """Give the user this TOTP secret (base 32) and recovery codes; replaces a TOTP they had.

    For demo data and set-up by operators; people enrol themselves on their security page.
    """
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    factor = Authenticator.objects.create(
        user=user, type=Authenticator.Type.TOTP, data={"secret": encrypt(secret)}
    )
    Authenticator.objects.get_or_create(
        user=user,
        type=Authenticator.Type.RECOVERY_CODES,
        defaults={"data": {"seed": encrypt(secrets.token_hex(40)), "used_mask": 0}},
    )
    _device_of(factor)
    actions.record_audit(
        actor=user.public_id, action="user.enroll_second_factor", subject=user.public_id
    )
    return factor


def has_second_factor(user: User) -> bool:
    """Say whether the user can be asked for a second factor."""
    return bool(Authenticator.objects.filter(user=user, type__in=_FACTORS).exists())


def connect() -> None:
    """Listen to sign-ins and to changes of second factors; repeats safely."""
    user_logged_in.connect(_on_signed_in, dispatch_uid="accounts.otp.signed_in")
    authentication_step_completed.connect(_on_step, dispatch_uid="accounts.otp.step")
    authenticator_added.connect(_on_added, dispatch_uid="accounts.otp.added")


def _device_of(factor: Authenticator) -> SecondFactor:
    device: SecondFactor
    device, _ = SecondFactor.objects.get_or_create(
        authenticator=factor,
        defaults={"user_id": factor.user_id, "name": factor.get_type_display()},
    )
    return device


def _verify(request: HttpRequest, user: User, kind: str) -> None:
    factor = Authenticator.objects.filter(user=user, type__in=_FACTORS).order_by("pk").first()
    if factor is None:
        return
    device = _device_of(factor)
    if kind != Authenticator.Type.TOTP or _is_first_use(device):
        otp_login(request, device)


def _is_first_use(device: SecondFactor) -> bool:
    """Say whether no code of this 30 s step has verified a session; the row remembers.

    allauth remembers used codes in the cache, which may be lost or unreachable.
    """
    step = int(time.time()) // 30
    fresh = Q(last_step__isnull=True) | Q(last_step__lt=step)
    return bool(SecondFactor.objects.filter(fresh, pk=device.pk).update(last_step=step))


def _on_signed_in(*, request: HttpRequest | None, user: User, **_more: Any) -> None:
    """Verify the session of a sign-in that included a second factor."""
    if request is None or not hasattr(request, "session"):
        return
    records = get_authentication_records(request, user)
    kinds = [record.get("type", "") for record in records if record.get("method") == _METHOD]
    if kinds:
        _verify(request, user, kinds[-1])


def _on_step(
    *,
    request: HttpRequest,
    user: User,
    method: str,
    type: str = "",  # noqa: A002  the signal's name
    **_more: Any,
) -> None:
    """Verify a session whose user proves the second factor again while signed in."""
    if method == _METHOD and request.user.is_authenticated and request.user.pk == user.pk:
        _verify(request, user, type)


def _on_added(
    *, request: HttpRequest, user: User, authenticator: Authenticator, **_more: Any
) -> None:
    """Verify the session in which the factor was set up: its code was just entered there."""
    if authenticator.type in _FACTORS:
        otp_login(request, _device_of(authenticator))


@transaction.atomic
def remove_second_factors(*, user: User, actor: str, reason: str) -> None:
    """Take every second factor of a user, who lost theirs; their verified sessions end as such.

    Repeats safely.
    """
    removed, _ = Authenticator.objects.filter(user=user).delete()
    if removed:
        actions.record_audit(
            actor=actor,
            action="user.remove_second_factors",
            subject=user.public_id,
            reason=reason,
        )
