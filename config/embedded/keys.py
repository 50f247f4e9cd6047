"""Secrets of a local installation, made once and readable by its owner alone."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from config.embedded.folders import private_folder


def _signing_key() -> str:
    return secrets.token_urlsafe(64)


def _field_key() -> str:
    return Fernet.generate_key().decode()


def new_token_key() -> str:
    """Return a fresh RSA private key, PEM, that signs access tokens."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


_KEYS: dict[str, tuple[str, Callable[[], str]]] = {
    "SECRET_KEY": ("secret_key", _signing_key),
    "FIELD_KEYS": ("field_keys", _field_key),
    "JWT_PRIVATE_KEY": ("jwt_private_key.pem", new_token_key),
}


def key_files(var: Path) -> dict[str, str]:
    """Return `NAME_FILE` variables for the secrets in `var/keys`, making what is missing.

    Calling again changes nothing: losing FIELD_KEYS would lose every encrypted field.
    """
    folder = private_folder(var / "keys")
    variables: dict[str, str] = {}
    for name, (file_name, make) in _KEYS.items():
        path = folder / file_name
        if not path.exists():
            _write_once(path, make())
        variables[f"{name}_FILE"] = str(path)
    return variables


def _write_once(path: Path, content: str) -> None:
    partial = path.with_suffix(".new")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
