"""Codes of the second factor: each works once, and only so many may be wrong.

allauth keeps used codes and wrong tries in the cache, which may be lost or away; the classes here
stand in its place, wherever it asks: at the site, in the app clients' API, at every step-up.
"""

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import auth as recovery_auth
from allauth.mfa.totp.internal import auth as totp_auth
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.db.models import Q

from accounts.models import SecondFactor
from common import throttling
from common.throttling import Limit


def install() -> None:
    """Let allauth's authenticators wrap themselves in the classes below; repeats safely.

    `Authenticator.wrap` looks both up by name each time, and no setting names them; allauth is
    pinned to one line of versions, and the tests of codes fail when it stops doing so.
    """
    totp_auth.TOTP = OneTimeTOTP
    recovery_auth.RecoveryCodes = CountedRecoveryCodes


class OneTimeTOTP(totp_auth.TOTP):  # type: ignore[misc]  # allauth ships no types
    """A code counts once, and none of a step at or before the last one used (RFC 6238, 5.2)."""

    def validate_code(self, code: str) -> bool:
        """Say whether the code is right, unused, and not one guess too many."""
        if not _take_try(self.instance):
            return False
        secret = decrypt(self.instance.data["secret"])
        for step in totp_auth.yield_hotp_counters_from_time():
            expected = totp_auth.format_hotp_value(totp_auth.hotp_value(secret, step))
            if compare_user_code(actual=code, expected=expected):
                return use_step(self.instance, step) and _forget_tries(self.instance)
        return False


class CountedRecoveryCodes(recovery_auth.RecoveryCodes):  # type: ignore[misc]  # likewise
    """The library marks a code as used under a row lock; wrong ones are counted here."""

    def validate_code(self, code: str) -> bool:
        """Say whether the code is right, unused, and not one guess too many."""
        if not _take_try(self.instance):
            return False
        return bool(super().validate_code(code)) and _forget_tries(self.instance)


def device_of(factor: Authenticator) -> SecondFactor:
    """Return the bridge device of a factor, made when there is none."""
    device: SecondFactor
    device, _created = SecondFactor.objects.get_or_create(
        authenticator=factor,
        defaults={"user_id": factor.user_id, "name": factor.get_type_display()},
    )
    return device


def use_step(factor: Authenticator, step: int) -> bool:
    """Take the 30 s step for a code; False when it, or a later one, was taken before.

    The row decides: of several at once, in whichever process, one gets it.
    """
    fresh = Q(last_step__isnull=True) | Q(last_step__lt=step)
    row = SecondFactor.objects.filter(fresh, pk=device_of(factor).pk)
    return bool(row.update(last_step=step))


def _limit(factor: Authenticator) -> Limit:
    return Limit(
        name=f"code-{factor.type}",
        requests=settings.SIGN_IN_FAILURES["account"],
        seconds=settings.SIGN_IN_FAILURE_SECONDS,
        is_strict=True,
    )


def _take_try(factor: Authenticator) -> bool:
    return throttling.count(_limit(factor), str(factor.user_id)).is_allowed


def _forget_tries(factor: Authenticator) -> bool:
    throttling.forget(_limit(factor), str(factor.user_id))
    return True
