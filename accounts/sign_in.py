"""How often somebody may fail to sign in, and what the records say of it.

Tries are counted before a password is computed, for the typed address and for the caller's
network alike, and a successful one is given back. The answer is the same for addresses without an
account. Both limits hold, in each process, without Redis too.
"""

import hashlib
import time
from typing import Any

from allauth.account.signals import password_reset
from django.conf import settings

from accounts import actions
from accounts.models import SecurityEntry, User
from common import throttling
from common.client_address import network_key
from common.throttling import Limit


def connect() -> None:
    """Listen to password resets; repeats safely."""
    password_reset.connect(_on_reset, dispatch_uid="accounts.sign_in.reset")


def take_try(*, email: str, address: str) -> bool:
    """Count a try to sign in; False when the address or the network has no more.

    `address` is the caller's. A refusal is entered in the security log, once a window.
    """
    verdicts = [throttling.count(limit, key) for limit, key in _counted(email, address)]
    if all(verdict.is_allowed for verdict in verdicts):
        return True
    window = int(time.time()) // settings.SIGN_IN_FAILURE_SECONDS
    actions.record_security(
        kind="sign_in.locked",
        severity=SecurityEntry.Severity.ALERT,
        subject=_account_of(email),
        address=address,
        once_key=f"sign_in.locked:{_key_of(email)}:{window}",
    )
    return False


def give_back(*, email: str, address: str) -> None:
    """Uncount a try: it succeeded, or nothing was tried after all."""
    for limit, key in _counted(email, address):
        throttling.count(limit, key, cost=-1)


def _counted(email: str, address: str) -> list[tuple[Limit, str]]:
    return [(_limit("account"), _key_of(email)), (_limit("network"), network_key(address))]


def _limit(of: str) -> Limit:
    return Limit(
        name=f"sign-in-{of}",
        requests=settings.SIGN_IN_FAILURES[of],
        seconds=settings.SIGN_IN_FAILURE_SECONDS,
        is_strict=True,
    )


def _key_of(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]


def _account_of(email: str) -> str:
    ids = User.objects.filter(email__iexact=email.strip()).values_list("public_id", flat=True)
    return ids.first() or ""


def _on_reset(*, user: User, **_more: Any) -> None:
    """Open the account to its owner, who has just proven the address."""
    throttling.forget(_limit("account"), _key_of(user.email))
