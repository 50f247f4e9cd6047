"""Signed links by which a guest returns to one object, such as their booking.

Whoever holds the link may do what `policy.Guest` may do with that object, so it goes only to the
address the customer gave. It says nothing but the object's public id and when it was made.
"""

from datetime import timedelta
from typing import Final

from django.core import signing

from accounts.policy import Guest
from common.errors import NotFound

LIFETIME: Final = timedelta(days=400)
_SIGNER: Final = signing.TimestampSigner(salt="accounts.guest-link", sep="~")


def guest_token(*, subject: str) -> str:
    """Return the last part of the link to an object, by its public id."""
    return _SIGNER.sign(subject)


def read_guest_token(*, token: str) -> Guest:
    """Return who holds the link. Raises NotFound for a forged, cut-off or outdated one."""
    try:
        return Guest(subject=_SIGNER.unsign(token, max_age=LIFETIME))
    except signing.BadSignature:
        raise NotFound from None
