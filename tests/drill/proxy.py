"""A TCP proxy in front of a broker that can be frozen (accepts, never answers) or stopped."""

import contextlib
import selectors
import socket
import threading
from urllib.parse import urlsplit

_CHUNK = 65536


def upstream_of(url: str) -> tuple[int, str | tuple[str, int]]:
    """Return the socket family and address behind a redis, amqp or unix socket address."""
    parts = urlsplit(url)
    if parts.scheme in {"unix", "redis+socket"}:
        return socket.AF_UNIX, parts.path
    default = 5672 if parts.scheme.startswith("amqp") else 6379
    return socket.AF_INET, (parts.hostname or "127.0.0.1", parts.port or default)


class Proxy:
    """Forwards connections to a broker until told otherwise."""

    def __init__(self, url: str) -> None:
        self.family, self.address = upstream_of(url)
        self.listener: socket.socket | None = None
        self.port = 0
        self._running = threading.Event()
        self._running.set()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self.start()

    def start(self) -> None:
        """Listen, on the same port as before."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self.listener, self.port = listener, listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def stop(self) -> None:
        """Refuse new connections and cut the open ones, as a stopped broker does."""
        if self.listener:
            # A thread blocked in accept keeps the port open until it is woken.
            with contextlib.suppress(OSError):
                self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
        for pair in self._pairs:
            for side in pair:
                with contextlib.suppress(OSError):
                    side.shutdown(socket.SHUT_RDWR)
                side.close()
        self._pairs.clear()

    def freeze(self) -> None:
        """Take bytes no further, while connections stay open."""
        self._running.clear()

    def thaw(self) -> None:
        """Forward again what has waited."""
        self._running.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
                server = socket.socket(self.family)
                server.connect(self.address)
            except OSError:
                return
            self._pairs.append((client, server))
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        """Carry bytes both ways until one side ends; then both end, as without a proxy."""
        with contextlib.suppress(OSError, ValueError), selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            self._carry(selector)
        for side in (client, server):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()

    def _carry(self, selector: selectors.BaseSelector) -> None:
        while True:
            for key, _ in selector.select(1):
                self._running.wait()
                data = key.fileobj.recv(_CHUNK)  # type: ignore[union-attr]  # sockets were registered
                if not data:
                    return
                key.data.sendall(data)
