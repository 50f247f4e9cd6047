"""A source made for tests, which signs with a plain HMAC over the body."""

import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest

from webhooks import endpoints, sources
from webhooks.models import InboundEvent
from webhooks.parsing import parse_object
from webhooks.sources import Endpoint, InboundRequest, Notice, Receipt, Reply

SECRET = "first"


class Bell:
    """`x-time` is the signed Unix time, `x-mark` the digest of time and body."""

    code = "bell"
    methods = frozenset({"POST", "GET"})

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.secrets = {"": (SECRET,), "wep_1": ("other",)}
        self.reads = 0
        self.processed: list[str] = []
        self.fails = 0
        self.forged: Reply | None = None
        self.lookup = False

    def endpoint(self, endpoint_id: str) -> Endpoint | None:
        self.reads += 1
        secrets = self.secrets.get(endpoint_id)
        return Endpoint(f"acct:{endpoint_id}", "biz_1", secrets) if secrets else None

    def verify(self, request: InboundRequest, endpoint: Endpoint) -> None:
        from webhooks import signatures

        signed_at = request.headers.get("x-time", "")
        signatures.check_digest(
            [mark(secret, signed_at, request.body) for secret in endpoint.secrets],
            [request.headers.get("x-mark", "")],
        )
        signatures.check_time(signed_at, now=request.received_at)

    def name(self, request: InboundRequest) -> Notice:
        value = parse_object(request.body)
        lookup = ("(SELECT to_jsonb(%s::int + 1))", (41,)) if self.lookup else None
        return Notice(str(value.get("id", "")), "bell.rang", request.body, lookup)

    def reply(self, notice: Notice, receipt: Receipt) -> Reply:
        word = "again" if receipt.is_duplicate else "first"
        return Reply(body=json.dumps({"word": word, "found": receipt.found}).encode())

    def reply_forged(self) -> Reply | None:
        return self.forged

    def process(self, event: InboundEvent) -> str:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("handler bug")
        self.processed.append(event.event_id)
        return "applied"


def mark(secret: str, signed_at: str, body: bytes) -> str:
    return hmac.new(secret.encode(), signed_at.encode() + b"." + body, hashlib.sha256).hexdigest()


the_bell = Bell()
sources.register(the_bell)


@pytest.fixture
def bell() -> Iterator[Bell]:
    the_bell.reset()
    endpoints.forget()
    yield the_bell
    the_bell.reset()
