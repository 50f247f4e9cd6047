"""Model fields: values encrypted in the database, and web addresses that mean https.

Keys come from FIELD_KEYS: the first encrypts, all decrypt, and each value names its key. A key is
rotated by putting a new one first and running `manage.py rotate_keys`. A wrong key raises; it
never yields text.
"""

import functools
import hashlib
import json
import re
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression

# The id of the key, and the token. One without an id was written before values named their key.
TOKEN: Final = re.compile(
    r"(?<![A-Za-z0-9_-])(?:(?P<key>[0-9a-f]{8}):)?gAAAA[A-Za-z0-9_-]{60,}={0,2}"
)


class UnknownKey(InvalidToken):
    """A value was encrypted with a key that FIELD_KEYS does not hold, or was damaged."""

    def __init__(self, key: str = "") -> None:
        """Say what to do; the value itself is told nobody."""
        named = f"the key {key}" if key else "a key"
        super().__init__(
            f"A stored value needs {named} that FIELD_KEYS does not hold: put the former key back "
            "behind the newest one."
        )


@functools.lru_cache(maxsize=4)
def _boxes(keys: tuple[str, ...]) -> dict[str, Fernet]:
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS must hold at least one Fernet key")
    try:
        return {key_id(key): Fernet(key) for key in keys}
    except ValueError as error:
        raise ImproperlyConfigured(
            "FIELD_KEYS must hold Fernet keys: 32 random bytes in URL-safe base 64, such as "
            "`python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key())'`"
        ) from error


@functools.lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet(list(_boxes(keys).values()))


def box() -> MultiFernet:
    """Return the box of the configured keys, for what is not kept."""
    return _box(tuple(settings.FIELD_KEYS))


def key_id(key: str) -> str:
    """Return the eight digits by which values name a key; they tell nothing of it."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def newest_key_id() -> str:
    """Return the id of the key that encrypts."""
    return next(iter(_boxes(tuple(settings.FIELD_KEYS))))


def encrypt_bytes(plain: bytes) -> bytes:
    """Return the bytes encrypted with the newest key, whose id comes first."""
    name, fernet = next(iter(_boxes(tuple(settings.FIELD_KEYS)).items()))
    return name.encode() + b":" + fernet.encrypt(plain)


def decrypt_bytes(token: bytes) -> bytes:
    """Return what was encrypted; raises UnknownKey when no configured key fits."""
    name, colon, inner = token.partition(b":")
    try:
        if not colon:
            return box().decrypt(token)
        return _boxes(tuple(settings.FIELD_KEYS))[name.decode()].decrypt(inner)
    except KeyError:
        raise UnknownKey(name.decode()) from None
    except InvalidToken:
        raise UnknownKey(name.decode() if colon else "") from None


def encrypt(plain: str) -> str:
    """Return the text encrypted with the newest key."""
    return encrypt_bytes(plain.encode()).decode()


def decrypt(token: str) -> str:
    """Return the text; raises UnknownKey when no key fits."""
    return decrypt_bytes(token.encode()).decode()


class EncryptedTextField(models.TextField[str, str]):
    """Text encrypted at rest; an empty text stays empty."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way in."""
        return encrypt(str(value)) if value not in (None, "") else value

    def from_db_value(
        self, value: str | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> str | None:
        """Decrypt on the way out."""
        return decrypt(value) if value else value


class EncryptedJSONField(models.TextField[dict[str, Any], dict[str, Any]]):
    """A JSON object encrypted at rest, such as the credentials of a provider account."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way in."""
        return encrypt(json.dumps(value, sort_keys=True)) if value is not None else None

    def from_db_value(
        self, value: str | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> dict[str, Any] | None:
        """Decrypt on the way out."""
        return json.loads(decrypt(value)) if value else None

    def to_python(self, value: Any) -> Any:
        """Accept an object, or its JSON text from a form."""
        return json.loads(value) if isinstance(value, str) else value


class HttpsURLField(models.URLField[str, str]):
    """A web address; one typed without a scheme means https, in every form made from the model."""

    def formfield(self, *args: Any, **kwargs: Any) -> Any:
        """Tell the form which scheme is meant."""
        return super().formfield(*args, **{"assume_scheme": "https", **kwargs})
