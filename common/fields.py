"""Model fields: values encrypted in the database, and web addresses that mean https.

Keys come from FIELD_KEYS: the first encrypts, all decrypt, so a key is rotated by putting a new
one first and running `manage.py rotate_field_keys`. A wrong key raises; it never yields text.
"""

import functools
import json
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression


@functools.lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS must hold at least one Fernet key")
    return MultiFernet([Fernet(key) for key in keys])


def box() -> MultiFernet:
    """Return the box of the configured keys."""
    return _box(tuple(settings.FIELD_KEYS))


def encrypt(plain: str) -> str:
    """Return the text encrypted with the newest key."""
    return box().encrypt(plain.encode()).decode()


def decrypt(token: str) -> str:
    """Return the text; raises cryptography.fernet.InvalidToken when no key fits."""
    return box().decrypt(token.encode()).decode()


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
