"""Where the site and its sockets answer, and whether those ports are free."""

import errno
import socket
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

from config.launcher.errors import CannotStart

_LAST_PORT = 65535
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared, not bound


@dataclass(frozen=True, slots=True)
class Address:
    """HOST with the port of pages and API, and the port of WebSockets."""

    host: str
    port: int
    realtime_port: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read HOST, PORT, REALTIME_PORT; 127.0.0.1, 8000, PORT + 1 unset. Raises CannotStart."""
        port = _port(environment, "PORT", 8000)
        return cls(
            host=environment.get("HOST") or "127.0.0.1",
            port=port,
            realtime_port=_port(environment, "REALTIME_PORT", port + 1),
        )

    @property
    def reachable_host(self) -> str:
        """The host as a browser on this machine writes it."""
        host = _EVERYWHERE.get(self.host, self.host)
        return f"[{host}]" if ":" in host else host

    @property
    def site_url(self) -> str:
        """The address of the pages."""
        return f"http://{self.reachable_host}:{self.port}"

    @property
    def realtime_url(self) -> str:
        """The address of the sockets."""
        return f"ws://{self.reachable_host}:{self.realtime_port}"

    def check_free(self) -> None:
        """Bind both ports for a moment. Raises CannotStart with what to do."""
        if self.port == self.realtime_port:
            raise CannotStart("PORT and REALTIME_PORT must differ.")
        for name, port in (("PORT", self.port), ("REALTIME_PORT", self.realtime_port)):
            try:
                _try_bind(self.host, port)
            except socket.gaierror as error:
                raise CannotStart(
                    f"HOST={self.host} is not an address of this machine; 127.0.0.1 or 0.0.0.0 "
                    "usually is meant."
                ) from error
            except OSError as error:
                raise CannotStart(self._why_not(name, port, error)) from error

    def answers(self, path: str = "/health") -> bool:
        """Return whether the site serves requests; an answer other than 5xx counts."""
        try:
            with urllib.request.urlopen(f"{self.site_url}{path}", timeout=2):  # noqa: S310  our own address
                return True
        except urllib.error.HTTPError as error:
            with error:
                return error.code < HTTPStatus.INTERNAL_SERVER_ERROR
        except OSError:
            return False

    def _why_not(self, name: str, port: int, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            example = f"PORT={port + 10} bin/run"
            if name == "REALTIME_PORT":
                example = f"REALTIME_PORT={port + 10} bin/run"
            return (
                f"port {port} on {self.host} is in use by another program. Stop that program, or "
                f"choose another port: {example}"
            )
        if error.errno == errno.EACCES:
            return f"port {port} needs special rights; choose one from 1024 up: PORT=8000 bin/run"
        if error.errno == errno.EADDRNOTAVAIL:
            return f"HOST={self.host} is not an address of this machine; try HOST=127.0.0.1."
        return f"cannot use port {port} on {self.host}: {error.strerror or error}"


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= _LAST_PORT:
        raise CannotStart(f"{name} must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _try_bind(host: str, port: int) -> None:
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    ):
        with socket.socket(family, kind, protocol) as probe:
            # As the servers do: a port that is only cooling down is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
