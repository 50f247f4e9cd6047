"""ASGI application of the realtime process: sockets at /ws/, and Django for everything else.

Run by uvicorn. Pages are served by the WSGI process; HTTP answers here so that one process can be
asked for its health.
"""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

_http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  apps must be loaded first
from django.urls import path  # noqa: E402  as above

from notifications.consumers import SocketConsumer  # noqa: E402  as above
from notifications.realtime.hub import hub  # noqa: E402  as above


async def _lifespan(_scope: Any, receive: Any, send: Any) -> None:
    """Stop the subscription when the server stops."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await hub.close()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _no_such_socket(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "websocket.close"})


application = ProtocolTypeRouter(
    {
        "http": _http,
        "websocket": URLRouter(
            [
                path("ws/", SocketConsumer.as_asgi()),
                path("<path:anything>", _no_such_socket),  # type: ignore[arg-type]  # an ASGI application
            ]
        ),
        "lifespan": _lifespan,
    }
)
