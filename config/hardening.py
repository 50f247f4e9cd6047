"""What production refuses to start with. Part of the settings; knows no app."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

_SHORTEST_KEY: Final = 50
_FEWEST_LETTERS: Final = 10
# How example and development keys begin or read.
_KNOWN: Final = ("django-insecure", "tests-only", "change", "secret", "example", "insecure")
# libpq's modes that never fall back to an unencrypted connection.
_ENCRYPTED_MODES: Final = frozenset({"require", "verify-ca", "verify-full"})
_ENCRYPTED_SCHEMES: Final = frozenset({"rediss", "amqps", "unix", "redis+socket"})


def refuse_unsafe(
    *,
    secret_key: str,
    field_keys: Sequence[str],
    is_debug: bool,
    hosts: Sequence[str],
    database: Mapping[str, Any],
    addresses: Mapping[str, str],
    trusts_network: bool,
) -> None:
    """Raise ImproperlyConfigured naming every setting that is unsafe in production.

    `addresses` are those of Redis and the broker by variable. What stays on this machine needs no
    encryption; `trusts_network` extends that to a private network the operator vouches for.
    """
    found = [*_secrets(secret_key, field_keys)]
    if is_debug:
        found.append("DEBUG is on: it shows settings and code to visitors.")
    if not hosts or "*" in hosts:
        found.append("ALLOWED_HOSTS must name the hosts the site answers to, and not *.")
    if not trusts_network:
        found += [*_unencrypted(database, addresses)]
    if found:
        raise ImproperlyConfigured("Production does not start like this:\n- " + "\n- ".join(found))


def _secrets(secret_key: str, field_keys: Sequence[str]) -> Iterator[str]:
    is_weak = len(secret_key) < _SHORTEST_KEY or len(set(secret_key)) < _FEWEST_LETTERS
    if is_weak or secret_key.lower().startswith(_KNOWN):
        yield "SECRET_KEY must be at least 50 random characters of your own."
    if not field_keys:
        yield "FIELD_KEYS must hold at least one Fernet key."
    for key in field_keys:
        try:
            Fernet(key)
        except ValueError:
            yield "FIELD_KEYS holds something that is no Fernet key."
        else:
            if len(set(key)) < _FEWEST_LETTERS:
                yield "FIELD_KEYS holds a key that is not random."


def _unencrypted(database: Mapping[str, Any], addresses: Mapping[str, str]) -> Iterator[str]:
    hosts = [name for name in str(database.get("HOST", "")).split(",") if name]
    mode = database.get("OPTIONS", {}).get("sslmode", "")
    if mode not in _ENCRYPTED_MODES and not all(is_on_this_machine(name) for name in hosts):
        yield (
            "DATABASE_URL leaves this machine unencrypted: add ?sslmode=verify-full (or require), "
            "or set TRUST_PRIVATE_NETWORK=true."
        )
    for name, address in addresses.items():
        parts = urlsplit(address)
        if parts.scheme in _ENCRYPTED_SCHEMES or is_on_this_machine(parts.hostname or ""):
            continue
        yield (
            f"{name} leaves this machine unencrypted: use {parts.scheme}s://, "
            "or set TRUST_PRIVATE_NETWORK=true."
        )


def is_on_this_machine(host: str) -> bool:
    """Say whether a host is a socket's folder, nothing, or a loopback name or address."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
