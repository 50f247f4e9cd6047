"""Which gateways are installed; filled in `apps.py: ready()` only."""

from collections.abc import Callable

from django.conf import settings

from common.errors import NotFound
from payments.gateways.base import Gateway

SANDBOX = "sandbox"

_factories: dict[str, Callable[[], Gateway]] = {}
_made: dict[str, Gateway] = {}


class UnknownGateway(NotFound):
    """No installed gateway has this code."""

    code = "UNKNOWN_GATEWAY"


class SandboxRefused(RuntimeError):
    """The sandbox takes no real money and therefore does not exist in production."""


def is_sandbox_allowed() -> bool:
    """Say whether these settings may hold the sandbox."""
    return bool(settings.SANDBOX_GATEWAY_ENABLED) and settings.ENVIRONMENT != "production"


def register(code: str, factory: Callable[[], Gateway]) -> None:
    """Add a gateway; the same factory again changes nothing, another raises ValueError.

    Raises SandboxRefused for the sandbox in production.
    """
    if code == SANDBOX and not is_sandbox_allowed():
        raise SandboxRefused("the sandbox gateway is not available with these settings")
    if _factories.setdefault(code, factory) is not factory:
        raise ValueError(f"a gateway named {code} is registered already")


def get(code: str) -> Gateway:
    """Return the gateway of a code. Raises UnknownGateway."""
    if code == SANDBOX and not is_sandbox_allowed():
        raise UnknownGateway
    if code not in _made:
        try:
            _made[code] = _factories[code]()
        except KeyError:
            raise UnknownGateway from None
    return _made[code]


def codes() -> list[str]:
    """Return the codes of the gateways that may be used, by name."""
    return sorted(code for code in _factories if code != SANDBOX or is_sandbox_allowed())
