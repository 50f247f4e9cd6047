"""A stand-in for Discord's webhook endpoint, over real HTTP.

It answers as Discord's documentation says ("Execute Webhook", "Rate Limits", "Embed limits"):
with `wait=true` the message, without it 204; 400 for what breaks a limit, 404 for an unknown
webhook, 429 with Retry-After. A test plans answers; unplanned calls succeed.
"""

import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class FakeDiscord:
    """One server; `calls` holds what it was sent, `plan` what it answers next."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.plan: deque[tuple[int, dict[str, str], bytes]] = deque()
        self.delay = 0.0
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                fake.answer(self, json.loads(self.rfile.read(length)))

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/api/v10"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self) -> "FakeDiscord":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def answer(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        parts = urlsplit(handler.path)
        self.calls.append((parts.path, body))
        time.sleep(self.delay)
        if self.plan:
            status, headers, content = self.plan.popleft()
        elif problem := broken_limit(body):
            status, headers, content = 400, {}, json.dumps({"message": problem}).encode()
        elif parse_qs(parts.query).get("wait") == ["true"]:
            message_id = str(1_000_000_000_000_000_000 + len(self.calls))
            status, headers, content = 200, {}, json.dumps({"id": message_id}).encode()
        else:
            status, headers, content = 204, {}, b""
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)


def broken_limit(body: dict[str, Any]) -> str:
    """Return which of Discord's limits the message breaks; '' for none."""

    def size(text: str) -> int:
        return len(text.encode("utf-16-le")) // 2

    embeds = body.get("embeds", [])
    if len(embeds) > 10:
        return "embeds"
    total = 0
    for embed in embeds:
        fields = embed.get("fields", [])
        if len(fields) > 25 or size(embed["title"]) > 256 or size(embed["description"]) > 4096:
            return "embed"
        if any(size(f["name"]) not in range(1, 257) for f in fields):
            return "field name"
        if any(size(f["value"]) not in range(1, 1025) for f in fields):
            return "field value"
        total += size(embed["title"]) + size(embed["description"])
        total += size(embed["footer"]["text"]) + sum(size(f["name"] + f["value"]) for f in fields)
    return "total" if total > 6000 else ""
