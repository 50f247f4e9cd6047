"""The form of a key: `fd_live_` or `fd_test_`, 30 random characters, 6 of checksum.

30 characters of base 62 are 178 random bits. The checksum (CRC-32, as GitHub's tokens carry since
2021) only tells typing errors and foreign strings apart without a look-up, and lets leak scanners
recognise a key; it proves nothing. Because of the randomness a plain SHA-256 keeps the key safe at
rest: no slow hash is needed.
"""

import hashlib
import re
import secrets
import zlib
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM, _CHECK, _SHOWN = 30, 6, 4
_FORM: Final = re.compile(rf"\Afd_(?:live|test)_[0-9A-Za-z]{{{_RANDOM + _CHECK}}}\Z", re.ASCII)
PREFIX: Final = "fd_"


def new_secret(kind: str) -> str:
    """Return a fresh key of the kind `live` or `test`."""
    body = f"fd_{kind}_" + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    return body + _checksum(body)


def is_well_formed(secret: str) -> bool:
    """Say whether the text has the form of a key and its checksum fits."""
    return bool(_FORM.match(secret)) and secret[-_CHECK:] == _checksum(secret[:-_CHECK])


def digest(secret: str) -> str:
    """Return the hash under which the key is kept: SHA-256, hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def ends_of(secret: str) -> tuple[str, str]:
    """Return what is kept to recognise a key by: its first characters and its last four."""
    return secret[: len("fd_live_") + _SHOWN], secret[-_SHOWN:]


def _checksum(body: str) -> str:
    value = zlib.crc32(body.encode())
    found = ""
    for _ in range(_CHECK):
        value, rest = divmod(value, len(_ALPHABET))
        found = _ALPHABET[rest] + found
    return found
