"""Inbound notices: the acknowledgement and repeats."""

import hashlib
import hmac
import itertools
import time
from collections.abc import Iterator
from functools import cache

import orjson
from django.db import connection
from django.test import Client

from bench.data import SECRET, create_shop
from bench.floors.django_app import SECRET as FLOOR_SECRET
from bench.load import Reading, send
from bench.messages import http
from bench.run import Run, Statements
from bench.table import Row, limit_row, ratio_row
from payments import actions as payments
from payments.gateways.sandbox.adapter import sign
from payments.models import GatewayAccount
from webhooks.models import InboundEvent

_numbers = itertools.count()
_WARM_UP = 100


@cache
def _account() -> GatewayAccount:
    shop = create_shop("notices", people=1)
    return payments.connect_gateway_account(
        business=shop.business, gateway="sandbox", credentials={"webhook_secrets": [SECRET]}
    )


def _path() -> str:
    return f"/api/webhooks/sandbox/{_account().endpoint_id}"


def _notice() -> tuple[str, bytes]:
    number = next(_numbers)
    event_id = f"sbxe_{number:026d}"
    data = {
        "id": f"sbx_{number:032d}",
        "reference": f"pay_{number:026d}",
        "amount": 150000,
        "currency": "EUR",
        "account": _account().reference,
        "status": "paid",
    }
    return event_id, orjson.dumps({"id": event_id, "type": "payment.paid", "data": data})


def signed_headers(event_id: str, body: bytes) -> dict[str, str]:
    """Return what the sandbox sends with a notice."""
    signed_at = str(int(time.time()))
    return {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": signed_at,
        "webhook-signature": "v1," + sign(SECRET, event_id, signed_at, body),
    }


def our_notices(count: int) -> list[bytes]:
    """Return so many distinct signed notices."""
    path, made = _path(), []
    for _ in range(count):
        event_id, body = _notice()
        made.append(http("POST", path, body=body, headers=signed_headers(event_id, body)))
    return made


def _floor_notices(count: int) -> list[bytes]:
    made = []
    for _ in range(count):
        _, body = _notice()
        mark = hmac.new(FLOOR_SECRET, body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Signature": mark}
        made.append(http("POST", "/notice", body=body, headers=headers))
    return made


def _to_ours(run: Run, count: int) -> Reading:
    return send(run.ours, our_notices(count), warm_up=our_notices(_WARM_UP))


def _to_floor(run: Run, count: int) -> Reading:
    return send(run.floor, _floor_notices(count), warm_up=_floor_notices(_WARM_UP))


def measure(run: Run) -> Iterator[Row]:
    """Measure the door."""
    yield _statements()
    count = run.paced(3000)
    found = run.compare(lambda: _to_floor(run, count), lambda: _to_ours(run, count))
    yield ratio_row("webhook ACK to verify + INSERT ON CONFLICT", found, least=0.8)
    steady = send(run.ours, our_notices(run.scaled(600)), rate=20, warm_up=our_notices(_WARM_UP))
    yield limit_row(
        "webhook ACK p99 at 20 requests/s",
        steady.percentile(99),
        most=15,
        unit="ms",
        note=f"p50 {steady.percentile(50):.1f} ms, slowest {steady.times[-1]:.1f} ms",
    )
    yield from _repeats(run, count)


def _statements() -> Row:
    counted, client = Statements(), Client()
    for is_counted in (False, True):  # the first one reads the endpoint's secrets
        event_id, body = _notice()
        headers = signed_headers(event_id, body)
        kind = headers.pop("Content-Type")
        counted.texts.clear()
        with connection.execute_wrapper(counted):
            answer = client.post(_path(), body, content_type=kind, headers=headers)
        if is_counted and answer.status_code != 200:
            raise RuntimeError(f"a notice was answered with {answer.status_code}")
    return limit_row("webhook ACK statements", len(counted.texts), most=1, unit="")


def _repeats(run: Run, count: int) -> Iterator[Row]:
    before, sent = InboundEvent.objects.count(), 0
    latest: list[bytes] = []

    def first() -> Reading:
        nonlocal latest, sent
        latest = our_notices(count)
        sent += count
        return send(run.ours, latest)

    def again() -> Reading:
        repeated = send(run.ours, latest)
        return Reading(repeated.rate, repeated.times, repeated.statuses)

    found = run.compare(first, again)
    yield ratio_row("repeated notices to first deliveries", found, least=0.9)
    stored = InboundEvent.objects.count() - before
    yield Row(
        "rows stored for notices sent twice",
        f"{stored:,}",
        f"= {sent:,}",
        stored == sent,
        "distinct notices",
    )
