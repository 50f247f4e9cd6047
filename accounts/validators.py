"""What a new password must not be. Listed in settings.AUTH_PASSWORD_VALIDATORS."""

import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import UsedPassword, User
from accounts.passwords import KEPT, marks_of

logger = logging.getLogger(__name__)
_SECONDS: Final = 1.0
_PREFIX: Final = 5
_ASKERS: Final = ThreadPoolExecutor(max_workers=4, thread_name_prefix="breaches")


class UsedPasswordValidator:
    """Refuses the last ten passwords of an account, the present one included."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a password the account had. Raises Busy."""
        if not isinstance(user, User) or user.pk is None:
            return
        known = UsedPassword.objects.filter(user=user)
        if known.exists():
            marks = marks_of(account=user.public_id, password=password)
            is_used = known.filter(mark__in=marks).exists()
        else:
            # An account whose password was set before any was kept.
            is_used = user.has_usable_password() and check_password(password, user.password)
        if is_used:
            raise ValidationError(
                _("You have used this password before. Choose a new one."), code="password_used"
            )

    def get_help_text(self) -> str:
        """Say so beside the field."""
        return ngettext(
            "Your password must not be your last one.",
            "Your password must not be one of your last %(count)d.",
            KEPT,
        ) % {"count": KEPT}


class BreachedPasswordValidator:
    """Refuses passwords known to the breach service that settings.PASSWORD_BREACH_API names.

    The service learns five hexadecimal digits of the password's SHA-1 and answers with all known
    endings (k-anonymity; the range API of https://haveibeenpwned.com/API/v3#PwnedPasswords). An
    answer that takes more than a second, or none, lets the password pass.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a known password. Asks the network, at most a second."""
        base = settings.PASSWORD_BREACH_API
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        asked = _ASKERS.submit(_endings, f"{base.rstrip('/')}/range/{digest[:_PREFIX]}")
        try:
            # httpx limits each wait, not the whole: a service that drips would hold us for long.
            known = asked.result(timeout=_SECONDS)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError):
            asked.cancel()
            logger.warning("breach service unavailable")
            return
        if digest[_PREFIX:] in known:
            raise ValidationError(
                _("This password is known from a data breach. Choose another."),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        """Say so beside the field."""
        return _("Your password must not be known from a data breach.")


def _endings(address: str) -> set[str]:
    """Return the endings seen in breaches; padding, which counts 0, is left out."""
    with httpx.Client(timeout=_SECONDS, trust_env=False, follow_redirects=False) as client:
        answer = client.get(address, headers={"Add-Padding": "true"}).raise_for_status()
    pairs = (line.partition(":") for line in answer.text.splitlines() if line)
    return {ending.upper() for ending, _colon, count in pairs if int(count) > 0}
