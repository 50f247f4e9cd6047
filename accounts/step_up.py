"""Recent sign-in before something that opens doors: keys, secrets, payout, the second factor.

The time is allauth's (ACCOUNT_REAUTHENTICATION_TIMEOUT, 300 s unless set); a sign-in just made
counts, and so does each proof of password or second factor given since.
"""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired as PageReauthenticationRequired
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.devices.tokens import TokenProof
from common.errors import Forbidden


class ReauthenticationRequired(Forbidden):
    """The sign-in is too long ago for this."""

    code = "REAUTHENTICATION_REQUIRED"
    message = _("Confirm that it is you first: sign in again, then repeat this.")


def is_recent(request: Any) -> bool:
    """Say whether the session's user proved themselves within the last minutes."""
    proof = getattr(request, "auth", None)
    # The records of an app are in the session its access token stands for.
    source = proof if isinstance(proof, TokenProof) else request
    records = get_authentication_records(source, request.user)
    newest = max((float(record.get("at", 0)) for record in records), default=0.0)
    return bool(0 <= time.time() - newest < app_settings.REAUTHENTICATION_TIMEOUT)


def require_for_page(request: HttpRequest) -> None:
    """Send the person to prove themselves again, and then on with what they sent.

    Raises allauth's ReauthenticationRequired, which its middleware answers; and our own for an
    account that has nothing to prove itself with but another provider's sign-in.
    """
    if is_recent(request):
        return
    if not get_reauthentication_flows(request.user):
        raise ReauthenticationRequired
    raise PageReauthenticationRequired


def require_for_api(request: Any) -> None:
    """Raise ReauthenticationRequired unless the session's sign-in is recent."""
    if not is_recent(request):
        raise ReauthenticationRequired
