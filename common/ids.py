"""Public ids: prefixed, sortable by creation, unguessable.

An id is `prefix_` and 26 characters: 48 bits of Unix milliseconds and 80 random bits in
Crockford's base 32 (lower case), the layout of a ULID. Integer keys never leave the database.
"""

import secrets
import time
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_SHIFTS = range(120, -1, -10)
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


def new_public_id(prefix: str) -> str:
    """Return a fresh id such as `bkg_01kac3…`."""
    value = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    return f"{prefix}_" + "".join([_PAIRS[(value >> shift) & 1023] for shift in _SHIFTS])


class PublicIdField(models.CharField[str, str]):
    """A unique id of the given prefix, made when the object is made."""

    def __init__(self, *args: Any, prefix: str, **kwargs: Any) -> None:
        """`prefix` is the short kind name before the underscore, such as `bkg`."""
        self.prefix = prefix
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("unique", True)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Add the prefix to what migrations keep."""
        name, path, args, kwargs = super().deconstruct()
        kwargs["prefix"] = self.prefix
        return name, path, args, kwargs

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Name the column's type in full: Django adds a second index, for LIKE, to a `varchar`.

        Ids are looked up whole, and every index is paid for by each insert.
        """
        return f"character varying({self.max_length})"

    def get_default(self) -> str:
        """Return a fresh id; every new object has one before it is saved."""
        return new_public_id(self.prefix)

    def has_default(self) -> bool:
        """Say that a value is always made."""
        return True
