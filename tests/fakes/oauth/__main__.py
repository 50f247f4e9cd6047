"""`python -m tests.fakes.oauth --port N`: serve until stopped; the first line is the address."""

from __future__ import annotations

import argparse
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from .codes import Provider, Refused
from .dialects import ROUTES

PROVIDERS: dict[str, Provider] = {}
REQUESTS: list[str] = []


def reset() -> None:
    """Forget everything; nobody consents to anything."""
    REQUESTS.clear()
    for name in ("discord", "google", "github"):
        PROVIDERS[name] = Provider(client_id=f"{name}-client", client_secret=f"{name}-secret")


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self) -> None:
        self.serve({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path.startswith("/_control/"):
            return self.control(json.loads(body or "{}"))
        return self.serve(dict(parse_qsl(body)))

    def control(self, body: Any) -> None:
        """Name who consents next, or reset."""
        name = self.path.removeprefix("/_control/")
        if name == "reset":
            reset()
        elif name in PROVIDERS:
            PROVIDERS[name].person = body.get("person")
        self.answer(200, "application/json", json.dumps({"requests": REQUESTS}))

    def serve(self, form: dict[str, str]) -> None:
        parts = urlsplit(self.path)
        REQUESTS.append(f"{self.command} {parts.path}")
        name, route = ROUTES.get(parts.path, ("", None))
        if not name:
            return self.answer(404, "text/plain", "no such address")
        if route is None:
            return self.consent(PROVIDERS[name], dict(parse_qsl(parts.query)))
        headers = {key.lower(): value for key, value in self.headers.items()}
        return self.answer(*route(PROVIDERS[name], form, headers))

    def consent(self, provider: Provider, query: dict[str, str]) -> None:
        """Send the person back as if they had pressed the button."""
        try:
            back = provider.consent(query)
        except (Refused, KeyError):
            return self.answer(400, "text/plain", "invalid request")
        self.send_response(302)
        self.send_header("Location", f"{query['redirect_uri']}?{urlencode(back)}")
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def answer(self, status: int, content_type: str, body: str) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Parse the arguments and serve."""
    parser = argparse.ArgumentParser(prog="tests.fakes.oauth", description=__doc__)
    parser.add_argument("--port", type=int, default=12112, help="0 takes any free port")
    arguments = parser.parse_args()
    reset()
    server = ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
