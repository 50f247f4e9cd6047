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
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from allauth.mfa.utils import encrypt
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_otp import login as otp_login

from accounts import actions
from accounts import events as account_events
from accounts.codes import device_of, use_step
from accounts.models import User
from accounts.queries import FACTORS
from common.client_address import client_address
from common.errors import Conflict
from events import actions as events

_METHOD = "mfa"
_STEP_SECONDS = 30


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
    device_of(factor)
    actions.record_audit(
        actor=user.public_id, action="user.enroll_second_factor", subject=user.public_id
    )
    return factor


def connect() -> None:
    """Listen to sign-ins and to changes of second factors; repeats safely."""
    user_logged_in.connect(_on_signed_in, dispatch_uid="accounts.otp.signed_in")
    authentication_step_completed.connect(_on_step, dispatch_uid="accounts.otp.step")
    authentication_failed.connect(_on_failed, dispatch_uid="accounts.otp.failed")
    authenticator_added.connect(_on_added, dispatch_uid="accounts.otp.added")
    authenticator_removed.connect(_on_removed, dispatch_uid="accounts.otp.removed")
    authenticator_reset.connect(_on_reset, dispatch_uid="accounts.otp.reset")


def _verify(request: HttpRequest, user: User, used: int | None) -> None:
    """Mark the session verified by the factor used, or by the one a recovery code stands in for."""
    factors = Authenticator.objects.filter(user=user, type__in=FACTORS).order_by("pk")
    factor = factors.filter(pk=used).first() or factors.first()
    if factor is not None:
        otp_login(request, device_of(factor))


def _on_signed_in(*, request: HttpRequest | None, user: User, **_more: Any) -> None:
    """Verify the session of a sign-in that included a second factor."""
    if request is None or not hasattr(request, "session"):
        return
    records = get_authentication_records(request, user)
    used = [record.get("id") for record in records if record.get("method") == _METHOD]
    if used:
        _verify(request, user, used[-1])


def _on_step(
    *,
    request: HttpRequest,
    user: User,
    method: str,
    id: int | None = None,  # noqa: A002  the signal's name
    **_more: Any,
) -> None:
    """Verify a session whose user proves the second factor again while signed in."""
    if method == _METHOD and request.user.is_authenticated and request.user.pk == user.pk:
        _verify(request, user, id)


def _on_failed(*, request: HttpRequest, user: User, **_more: Any) -> None:
    """Enter a wrong code in the security log."""
    actions.record_security(
        kind="second_factor.failed", subject=user.public_id, address=client_address(request)
    )


def _on_added(
    *, request: HttpRequest, user: User, authenticator: Authenticator, **_more: Any
) -> None:
    """Verify the session in which the factor was set up: its code was just entered there."""
    _record(user, "user.add_second_factor", authenticator)
    if authenticator.type not in FACTORS:
        return
    if authenticator.type == Authenticator.Type.TOTP:
        use_step(authenticator, int(time.time()) // _STEP_SECONDS)
    otp_login(request, device_of(authenticator))


def _on_removed(*, user: User, authenticator: Authenticator, **_more: Any) -> None:
    _record(user, "user.remove_second_factor", authenticator)


def _on_reset(*, user: User, authenticator: Authenticator, **_more: Any) -> None:
    _record(user, "user.replace_recovery_codes", authenticator)


def _record(user: User, action: str, factor: Authenticator) -> None:
    actions.record_audit(
        actor=user.public_id, action=action, subject=user.public_id, after={"type": factor.type}
    )


@transaction.atomic
def remove_second_factors(*, user: User, actor: str, reason: str) -> None:
    """Take every second factor of a user, who lost theirs, end their sessions, and tell them.

    Repeats safely. Raises Conflict for one's own.
    """
    if user.public_id == actor:
        raise Conflict(_("Ask somebody else to change your own access."))
    User.objects.select_for_update().get(pk=user.pk)
    removed, _rows = Authenticator.objects.filter(user=user).delete()
    if not removed:
        return
    actions.record_audit(
        actor=actor, action="user.remove_second_factors", subject=user.public_id, reason=reason
    )
    actions.end_sessions(user=user, actor=actor)
    events.record(
        account_events.user_security_changed(user, change="second_factors_removed", actor=actor)
    )
