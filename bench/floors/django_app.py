"""A bare Django: one file, no middleware, cursors only.

Each view does the least its counterpart in the product cannot do without.
"""

import datetime as dt
import hashlib
import hmac
from functools import cache
from typing import Any

import orjson
import redis
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from bench.floors.tables import REDIS_KEY
from config import env, redis_urls

SECRET = b"floor"

_REDIS_URL = env.text("REDIS_URL")
if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[],
        INSTALLED_APPS=[],
        USE_TZ=True,
        DATABASES={"default": {**env.database("DATABASE_URL"), "CONN_MAX_AGE": None}},
    )

_OVERLAPPING = """
SELECT id FROM bench_booking
WHERE calendar_id = %s AND tstzrange(starts_at, ends_at) && tstzrange(%s, %s)
"""
_CONTACT = """
INSERT INTO bench_contact (email, name) VALUES (%s, %s)
ON CONFLICT (email) DO UPDATE SET name = EXCLUDED.name RETURNING id
"""
_BOOKING = """
INSERT INTO bench_booking (calendar_id, contact_id, starts_at, ends_at)
VALUES (%s, %s, %s, %s) RETURNING id
"""
_PAGE = """
SELECT b.public_id, b.status, b.version, s.public_id, s.name, t.public_id, t.name, c.public_id,
       c.name, p.public_id, p.name, p.email, p.phone, b.starts_at, b.ends_at, b.seats, b.currency,
       b.price_minor, b.deposit_minor, b.paid_minor, b.refunded_minor, b.hold_expires_at,
       b.cancel_reason, z.public_id, b.customer_note, b.created_at
FROM bookings_booking b
JOIN bookings_service s ON s.id = b.service_id JOIN bookings_tier t ON t.id = b.tier_id
JOIN bookings_calendar c ON c.id = b.calendar_id JOIN accounts_contact p ON p.id = b.contact_id
JOIN accounts_business z ON z.id = b.business_id
WHERE b.business_id = %s AND b.id < %s ORDER BY b.id DESC LIMIT 50
"""


def _answer(body: bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(
        body,
        status=status,
        content_type="application/json",
        headers={"Content-Length": str(len(body))},
    )


def notice(request: HttpRequest) -> HttpResponse:
    """Verify the HMAC and store the notice by INSERT ... ON CONFLICT."""
    body = request.body
    wanted = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted, request.headers.get("X-Signature", "")):
        return _answer(b"{}", 403)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_notice (event_id, body) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [orjson.loads(body)["id"], body],
        )
    return _answer(b'{"received": true}')


def booking(request: HttpRequest) -> HttpResponse:
    """Book by seven statements in one transaction."""
    wanted = orjson.loads(request.body)
    key = request.headers["Idempotency-Key"]
    start = dt.datetime.fromisoformat(wanted["starts_at"])
    end = start + dt.timedelta(minutes=30)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_key (key) VALUES (%s) ON CONFLICT DO NOTHING RETURNING id", [key]
        )
        cursor.execute(
            "SELECT id FROM bench_calendar WHERE id = %s FOR NO KEY UPDATE", [wanted["calendar"]]
        )
        cursor.execute(_OVERLAPPING, [wanted["calendar"], start, end])
        if cursor.fetchone():
            return _answer(b"{}", 409)
        cursor.execute(_CONTACT, [wanted["email"], wanted["name"]])
        contact = cursor.fetchone()[0]
        cursor.execute(_BOOKING, [wanted["calendar"], contact, start, end])
        body = orjson.dumps({"id": cursor.fetchone()[0]})
        cursor.execute(
            "INSERT INTO bench_event (type, data) VALUES (%s, %s::jsonb)",
            ["booking.created", body.decode()],
        )
        cursor.execute("UPDATE bench_key SET answer = %s WHERE key = %s", [body, key])
    return _answer(body, 201)


@cache
def _redis() -> redis.Redis:
    number = redis_urls.database_number(_REDIS_URL) + 1
    return redis.Redis.from_url(redis_urls.with_database(_REDIS_URL, number))


def cached(_request: HttpRequest) -> HttpResponse:
    """Answer with one value read from Redis."""
    value: Any = _redis().get(REDIS_KEY)
    return _answer(value or b"", 200 if value else 404)


def page(request: HttpRequest) -> HttpResponse:
    """Answer with fifty bookings of a business below an id, by one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_PAGE, [request.GET["business"], request.GET["below"]])
        return _answer(orjson.dumps(cursor.fetchall()))


urlpatterns = [
    path("notice", notice),
    path("booking", booking),
    path("cached", cached),
    path("page", page),
]

application = get_wsgi_application()
