"""The HTTP side: authenticate, honour idempotency keys, apply faults, write the answer."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import checkout, control, forms, intents, pages, routes
from .errors import ApiError, invalid
from .faults import Fault
from .state import Object, SavedAnswer, Server, new_id, snapshot

HTML = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
OUTAGE = {"error": {"type": "api_error", "message": "An unknown error occurred."}}


class Handler(BaseHTTPRequestHandler):
    """One connection. `fake` is set by `listen`."""

    fake: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Stay silent: the request log is at /_control/state."""

    def do_GET(self) -> None:
        """Answer GET."""
        self._route()

    def do_POST(self) -> None:
        """Answer POST."""
        self._route()

    def do_DELETE(self) -> None:
        """Answer DELETE."""
        self._route()

    def do_PATCH(self) -> None:
        """Answer PATCH (control only)."""
        self._route()

    def do_OPTIONS(self) -> None:
        """Answer the browser's preflight of Stripe.js calls."""
        self._send(204, b"", "text/plain")

    def _route(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        try:
            if parts.path.startswith("/v1/"):
                self._api(parts.path, parts.query if self.command == "GET" else body)
            elif parts.path.startswith("/_control/"):
                with self.fake.lock:
                    data = json.loads(body) if body else {}
                    self._json(200, control.answer(self.fake, self.command, parts.path, data))
            else:
                form = {name: values[-1] for name, values in parse_qs(body).items()}
                self._page(parts.path, form, query)
        except ApiError as error:
            self._json(error.status, error.body)
        except pages.Redirect as redirect:
            self._send(303, b"", "text/html", {"Location": redirect.url})
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _page(self, path: str, form: dict[str, str], query: dict[str, str]) -> None:
        steps = path.strip("/").split("/")
        fake, is_post = self.fake, self.command == "POST"
        with fake.lock:
            if steps[:2] == ["c", "pay"] and len(steps) == 3:
                show = pages.checkout_post(fake, steps[2], form) if is_post else None
                self._html(show or pages.checkout_page(fake, steps[2]))
            elif steps[:2] == ["c", "pay"] and steps[3:] == ["done"]:
                self._html(pages.checkout_done(fake, steps[2]))
            elif steps[0] == "3ds" and len(steps) == 2 and is_post:
                self._html(pages.bank_post(fake, steps[1], form, query.get("return_url", "")))
            elif steps[0] == "3ds" and len(steps) == 2:
                self._html(pages.bank_page(steps[1]))
            else:
                raise ApiError(404, "invalid_request_error", "No such page.")

    def _api(self, path: str, form: str) -> None:
        params = forms.decode(form)
        key = self.headers.get("Idempotency-Key", "")
        secret = self._secret(path, params)
        books = self.fake.books_for(secret, self.headers.get("Stripe-Account", ""))
        fault = self.fake.faults.for_answer(self.command, path)
        self.fake.requests.append(
            {
                "method": self.command,
                "path": path,
                "params": params,
                "idempotency_key": key,
                "stripe_version": self.headers.get("Stripe-Version", ""),
                "account": books.account,
                "fault": fault.kind if fault else "",
            }
        )
        if fault is not None and self._fails_before(fault):
            return
        if self.command == "POST" and key:
            status, body, is_replayed = self._once(secret, books.account, key, path, params, fault)
        else:
            status, body, _ = self._run(routes.Call(self.fake, books, params, key), path, fault)
            is_replayed = False
        if fault is not None and self._fails_after(fault):
            return
        extra = {"Idempotent-Replayed": "true"} if is_replayed else {}
        extra |= {"Idempotency-Key": key} if key else {}
        self._send(status, body, "application/json", extra)

    def _secret(self, path: str, params: dict[str, Any]) -> str:
        scheme, _, secret = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer" and secret.startswith(("sk_test_", "rk_test_")):
            return secret
        if scheme != "Bearer" and params.get("client_secret"):
            return self._owner_by_client_secret(path, params)
        message = f"Invalid API Key provided: {secret[:8]}" if secret else "No API key provided."
        raise ApiError(401, "invalid_request_error", message)

    def _owner_by_client_secret(self, path: str, params: dict[str, Any]) -> str:
        """Answer a browser, which knows the publishable key and the client secret only."""
        steps = path.split("/")
        books, intent = self.fake.find("payment_intents", steps[3] if len(steps) > 3 else "")
        if params["client_secret"] != intent["client_secret"]:
            raise invalid("The client_secret provided does not match.", param="client_secret")
        if self.command == "POST" and steps[-1] == "confirm":
            with self.fake.lock:
                params.pop("key", None)
                self._json(
                    200,
                    snapshot(intents.confirm(self.fake, books, intent["id"], params)),
                )
        else:
            self._json(200, snapshot(intent))
        raise BrokenPipeError

    def _once(  # noqa: PLR0917 - the parts of one request's identity
        self,
        secret: str,
        account: str,
        key: str,
        path: str,
        params: dict[str, Any],
        fault: Fault | None,
    ) -> tuple[int, bytes, bool]:
        mark = json.dumps([path, params], sort_keys=True)
        fingerprint = hashlib.sha256(mark.encode()).hexdigest()
        with self.fake.lock:
            saved = self.fake.saved.get((account, key))
            if saved is not None and saved.fingerprint != fingerprint:
                raise ApiError(
                    400,
                    "idempotency_error",
                    "Keys for idempotent requests can only be used with the same parameters they "
                    "were first used with. Try using a key other than "
                    f"'{key}' if you meant to execute a different request.",
                )
            if saved is not None and not saved.status:
                raise ApiError(
                    409,
                    "invalid_request_error",
                    f"There is currently another in-progress request using this Idempotent Key: "
                    f"{key}",
                    code="idempotency_key_in_use",
                )
            if saved is not None:
                return saved.status, saved.body, True
            saved = self.fake.saved[account, key] = SavedAnswer(fingerprint)
        books = self.fake.books[account]
        status, body, is_saved = self._run(routes.Call(self.fake, books, params, key), path, fault)
        with self.fake.lock:
            if fault is not None and fault.kind == "error_after":
                status, body, is_saved = (
                    500,
                    json.dumps(OUTAGE).encode(),
                    fault.is_saved,
                )
            if is_saved:
                saved.status, saved.body = status, body
            else:
                self.fake.saved.pop((account, key), None)
        return status, body, False

    def _run(self, call: routes.Call, path: str, fault: Fault | None) -> tuple[int, bytes, bool]:
        with self.fake.lock:
            try:
                result = _visible(routes.answer(call, self.command, path))
            except ApiError as error:
                return error.status, json.dumps(error.body).encode(), error.is_saved
        if fault is not None and fault.kind == "unknown_status" and "status" in result:
            result = {**result, "status": "in_superposition"}
        return 200, json.dumps(result, indent=2).encode(), True

    def _fails_before(self, fault: Fault) -> bool:
        if fault.kind == "delay":
            time.sleep(fault.seconds)
        elif fault.kind == "error_before":
            self._json(500, OUTAGE)
        elif fault.kind == "html_before":
            self._send(502, HTML, "text/html")
        elif fault.kind == "hang_before":
            self._hang(fault.seconds)
        elif fault.kind == "rate_limit":
            error = {
                "type": "invalid_request_error",
                "code": "rate_limit",
                "message": "Slow down.",
            }
            self._send(
                429,
                json.dumps({"error": error}).encode(),
                "application/json",
                {"Retry-After": "1"},
            )
        else:
            return False
        return fault.kind != "delay"

    def _fails_after(self, fault: Fault) -> bool:
        if fault.kind == "hang":
            self._hang(fault.seconds)
        elif fault.kind == "html":
            self._send(200, HTML, "text/html")
        elif fault.kind == "error_after":
            self._json(500, OUTAGE)
        elif fault.kind == "reset":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        else:
            return False
        return True

    def _hang(self, seconds: float) -> None:
        """Keep silent until the caller gives up or the time is over."""
        self.connection.settimeout(seconds)
        with suppress(OSError):
            self.connection.recv(1)
        self.close_connection = True

    def _json(self, status: int, value: Object) -> None:
        self._send(status, json.dumps(value, indent=2).encode(), "application/json")

    def _html(self, text: str) -> None:
        self._send(200, text.encode(), "text/html; charset=utf-8")

    def _send(
        self, status: int, body: bytes, kind: str, extra: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Request-Id": new_id("req"),
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Headers": "*",
            "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
            **(extra or {}),
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _visible(result: Object) -> Object:
    if result.get("object") == "list":
        return {**result, "data": [snapshot(row) for row in result["data"]]}
    return snapshot(result)


def listen(port: int, *, retry_seconds: tuple[float, ...]) -> ThreadingHTTPServer:
    """Bind to a port of 127.0.0.1 (0: any free one) and return the server, not yet serving."""
    handler = type("BoundHandler", (Handler,), {})
    http = ThreadingHTTPServer(("127.0.0.1", port), handler)
    http.daemon_threads = True
    fake = Server(
        base_url=f"http://127.0.0.1:{http.server_address[1]}",
        retry_seconds=retry_seconds,
    )
    handler.fake = fake  # type: ignore[attr-defined]  # the subclass made above
    threading.Thread(target=_expire_sessions, args=(fake,), daemon=True).start()
    return http


def _expire_sessions(fake: Server) -> None:
    while True:
        time.sleep(0.5)
        with fake.lock:
            checkout.expire_due(fake)
