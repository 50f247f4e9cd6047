"""Ports for the servers that tests start."""

import random
import socket
from typing import Final

# Below what systems hand out to clients (32768 and up on Linux, 49152 and up elsewhere): no
# connection of somebody else takes the port between the choice and the server's start or restart.
_PORTS: Final = range(15_000, 32_000)
# Parallel test processes must not choose alike, whatever they seeded.
_choice = random.SystemRandom()


def free_ports(count: int) -> int:
    """Return the first of so many successive local ports nobody listens on."""
    while True:
        first = _choice.randrange(_PORTS.start, _PORTS.stop - count)
        if all(_is_free(port) for port in range(first, first + count)):
            return first


def free_port() -> int:
    """Return a local port nobody listens on."""
    return free_ports(1)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
