"""What ties a session to its device: kept in the session, followed from sign-in to sign-out.

The receivers listen to Django's and allauth's own signals; there are no others.
"""

import time
from typing import Any, Final

from allauth.account.signals import password_changed, password_reset, password_set
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest

from accounts.devices import actions, clients
from accounts.devices.seen import mark_seen
from accounts.devices.tokens import TokenProof
from accounts.models import Device, User

DEVICE: Final = "device"
# Unix time of the last page a member of staff opened; the admin asks how long ago that was.
STAFF_SEEN: Final = "staff_seen"


def connect() -> None:
    """Listen to sign-ins, sign-outs and changes of password; repeats safely."""
    user_logged_in.connect(_on_signed_in, dispatch_uid="accounts.devices.signed_in")
    user_logged_out.connect(_on_signed_out, dispatch_uid="accounts.devices.signed_out")
    for signal in (password_changed, password_set, password_reset):
        signal.connect(_on_password, dispatch_uid="accounts.devices.password")


def current_device_id(request: Any) -> str:
    """Return the public id of the device the request comes from; empty without one.

    For a REST request with an access token it is the token's.
    """
    proof = getattr(request, "auth", None)
    if isinstance(proof, TokenProof):
        return proof.device_id
    session = getattr(request, "session", None)
    return str(session.get(DEVICE, "")) if session is not None else ""


def _on_signed_in(*, request: HttpRequest | None, user: User, **_more: Any) -> None:
    session = getattr(request, "session", None)
    if request is None or session is None:
        return
    if not session.session_key:
        session.save()
    if user.is_staff:
        session[STAFF_SEEN] = int(time.time())
    known = str(session.get(DEVICE, ""))
    if known and actions.move_device(
        user=user, device_id=known, session_key=str(session.session_key)
    ):
        return
    kind = clients.kind_of(request)
    if kind == Device.Kind.APP:
        session.set_expiry(settings.ACCOUNT_SESSION_COOKIE_AGE)
    device = actions.begin_device(
        user=user,
        kind=kind,
        session_key=str(session.session_key),
        client_digest=clients.digest_of(request),
        address=clients.address_of(request),
        user_agent=clients.user_agent_of(request),
    )
    session[DEVICE] = device.public_id
    mark_seen(device.public_id)


def _on_signed_out(*, request: HttpRequest | None, **_more: Any) -> None:
    device_id = current_device_id(request)
    if device_id:
        actions.leave_device(device_id=device_id)


def _on_password(*, request: HttpRequest, user: User, **_more: Any) -> None:
    """Sign out everywhere else; Django has just given this session, if it stays, a new key."""
    mine = ""
    if getattr(request.user, "pk", None) == user.pk:
        mine = current_device_id(request)
    if mine and request.session.session_key:
        actions.move_device(user=user, device_id=mine, session_key=str(request.session.session_key))
    actions.end_devices(
        user=user, but=mine, actor=user.public_id, reason="the password was changed"
    )
