"""Which passwords an account had before, kept so that nobody can read or compare them elsewhere.

Of each password one value is kept: an HMAC, under a key of this server, of a slow digest with one
salt per account. One digest (about 0.2 s) therefore answers for all of them, while a copied table
can be tried neither without the key nor faster than by that digest.
"""

import base64
import hashlib
import hmac
from typing import Final

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from django.conf import settings

from accounts import hashers

KEPT: Final = 10
_PURPOSE: Final = b"accounts.used-password"
_BYTES: Final = 32


def mark_of(*, account: str, password: str) -> str:
    """Return the value to keep for a password of the account (public id).

    Takes about 0.2 s and 64 MiB in the process's gate; raises Busy when that is full.
    """
    return _sealed(_digest(account, password), settings.FIELD_KEYS[0])


def marks_of(*, account: str, password: str) -> list[str]:
    """Return what `mark_of` gives now and gave under each older key that is still configured.

    Values made under a key that was taken away can no longer be recognised. Raises Busy.
    """
    digest = _digest(account, password)
    return [_sealed(digest, key) for key in settings.FIELD_KEYS]


def _digest(account: str, password: str) -> bytes:
    # The public id never changes and is the account's alone, which is all a salt must be.
    salt = hashlib.sha256(_PURPOSE + account.encode()).digest()[:16]
    with hashers.gate.enter():
        cost: dict[str, int] = settings.USED_PASSWORD_COST
        kdf = Argon2id(
            salt=salt,
            length=_BYTES,
            iterations=cost["iterations"],
            lanes=cost["lanes"],
            memory_cost=cost["memory_cost"],
        )
        return kdf.derive(password.encode())


def _sealed(digest: bytes, field_key: str) -> str:
    key = hmac.digest(base64.urlsafe_b64decode(field_key), _PURPOSE, "sha256")
    return hmac.digest(key, digest, "sha256").hex()
