"""The transports by channel; filled in `apps.py: ready()`."""

from collections.abc import Callable
from functools import cache

from notifications.transports.base import Transport

_factories: dict[str, Callable[[], Transport]] = {}


def register(code: str, factory: Callable[[], Transport]) -> None:
    """Add a transport; the same factory again changes nothing, another raises ValueError."""
    if _factories.setdefault(code, factory) is not factory:
        message = f"a transport named {code} is registered already"
        raise ValueError(message)


@cache
def get(code: str) -> Transport:
    """Return the transport of a channel; raises LookupError when nobody registered it."""
    try:
        return _factories[code]()
    except KeyError:
        raise LookupError(f"no transport named {code}") from None


def codes() -> list[str]:
    """Return the known channels."""
    return sorted(_factories)
