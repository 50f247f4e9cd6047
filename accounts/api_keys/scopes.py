"""What a key may be allowed to do. Apps add their scopes in `apps.py: ready()`.

A scope opens verbs of `accounts.policy` through the `key_scopes` of the rules, and methods of the
API through the `key_scopes` of the views.
"""

from django.utils.functional import Promise

_scopes: dict[str, str | Promise] = {}


def add(code: str, label: str | Promise) -> None:
    """Add a scope such as `bookings:read` with a sentence; the same code again replaces it."""
    _scopes[code] = label


def choices() -> list[tuple[str, str]]:
    """Return every scope with its sentence, by code."""
    return [(code, str(_scopes[code])) for code in sorted(_scopes)]


def codes() -> frozenset[str]:
    """Return every scope."""
    return frozenset(_scopes)
