"""A stand-in for Have I Been Pwned's range API, over real HTTP.

`GET /range/{five hex digits}` answers the endings of known hashes as `ENDING:COUNT` lines; with
`Add-Padding: true` it adds made-up endings that count 0
(https://haveibeenpwned.com/API/v3#SearchingPwnedPasswordsByRange).
"""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PADDING = 20


class FakeBreaches:
    """One server. It knows `passwords`; `asked` holds the paths; `broken` says how it fails."""

    def __init__(self, *passwords: str) -> None:
        self.hashes = [
            hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper()
            for word in passwords
        ]
        self.asked: list[str] = []
        self.broken = ""
        self.released = threading.Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake.answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self) -> "FakeBreaches":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append(handler.path)
        if self.broken == "hangs":
            self.released.wait(30)
        prefix = handler.path.removeprefix("/range/")
        lines = [
            f"{known[5:]}:{7 + n}" for n, known in enumerate(self.hashes) if known[:5] == prefix
        ]
        if handler.headers.get("Add-Padding") == "true":
            made_up = (
                hashlib.sha1(f"{prefix}{n}".encode(), usedforsecurity=False).hexdigest()
                for n in range(PADDING)
            )
            lines += [f"{text[5:].upper()}:0" for text in made_up]
        body = "\r\n".join(lines).encode()
        if self.broken == "drips":
            return self.drip(handler)
        handler.send_response(503 if self.broken == "fails" else 200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
        return None

    def drip(self, handler: BaseHTTPRequestHandler) -> None:
        """Send a byte now and then, each soon enough for a limit on silence."""
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100):
            if self.released.wait(0.2):
                return
            try:
                handler.wfile.write(b"\n")
                handler.wfile.flush()
            except OSError:
                return
