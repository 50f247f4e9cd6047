"""What the sign-in machinery tells, kept in the records: attempts, and changes to one's own access.

The receivers listen to Django's and allauth's own signals. Addresses typed by strangers are not
kept: an entry names the account, or says that there is none.
"""

import time
from typing import Any, Final

from allauth.account import signals as account
from django.contrib.auth import signals as auth
from django.http import HttpRequest
from django.urls import ResolverMatch

from accounts import actions
from accounts.models import SecurityEntry, User
from common import context
from common.client_address import client_address

_INFO: Final = SecurityEntry.Severity.INFO
_FORBIDDEN: Final = 403


def connect() -> None:
    """Listen; repeats safely."""
    auth.user_logged_in.connect(_signed_in, dispatch_uid="accounts.security_log.in")
    auth.user_login_failed.connect(_failed, dispatch_uid="accounts.security_log.failed")
    # Passwords are on record by the action that writes them, second factors by accounts.otp.
    for signal, action in (
        (account.email_changed, "user.change_email"),
        (account.email_added, "user.add_email"),
        (account.email_removed, "user.remove_email"),
    ):
        signal.connect(
            _recorder(action), weak=False, dispatch_uid=f"accounts.security_log.{action}"
        )


def _address() -> str | None:
    request = context.request.get()
    return (client_address(request) or None) if request is not None else None


def _signed_in(*, user: User, **_more: Any) -> None:
    actions.record_security(
        kind="sign_in.succeeded", severity=_INFO, subject=user.public_id, address=_address()
    )


def _failed(*, credentials: dict[str, Any], **_more: Any) -> None:
    typed = str(credentials.get("email") or credentials.get("username") or "")
    user = User.objects.filter(email__iexact=typed).only("public_id").first() if typed else None
    actions.record_security(
        kind="sign_in.failed",
        subject=user.public_id if user else "",
        address=_address(),
        detail={"is_known": user is not None},
    )


def _recorder(action: str) -> Any:
    def record(*, user: User, **more: Any) -> None:
        factor = more.get("authenticator")
        actions.record_audit(
            actor=user.public_id,
            action=action,
            subject=user.public_id,
            after={"kind": factor.type} if factor is not None else {},
        )

    return record


def record_refusal(request: HttpRequest, *, status: int) -> None:
    """Record that the rules refused a request, at most once a minute for caller and address.

    `status` is the answer's: 403, or 429 at the doors of sign-in.
    """
    match = request.resolver_match
    route = match.view_name if match else ""
    user = getattr(request, "user", None)
    subject = user.public_id if isinstance(user, User) else ""
    address = client_address(request)
    minute = int(time.time() // 60)
    actions.record_security(
        kind="request.refused" if status == _FORBIDDEN else "sign_in.limited",
        subject=subject,
        address=address,
        detail={"route": route, "method": request.method, "object": _named(match)},
        once_key=f"refused:{status}:{subject or address}:{route}:{minute}",
    )


def _named(match: ResolverMatch | None) -> str:
    """Return the ids in the address; a token in it is a secret and stays out."""
    kwargs = match.kwargs if match else {}
    return " ".join(str(value) for name, value in kwargs.items() if "token" not in name)[:200]
