"""A request sent twice under one key has one effect and one answer.

Rows of IdempotencyRecord decide; the unique (principal, key) is the dedupe. Taking is one INSERT,
storing one UPDATE, and the store joins the action's transaction where the caller runs it there:
then the effect and the stored answer stand or fall together. Semantics follow
draft-ietf-httpapi-idempotency-key-header: 409 while running, 422 for another request.
"""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import orjson
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from common import fields
from common.errors import Conflict, DomainError
from common.postgres.base import prepared_cursor

LEASE_SECONDS: Final = 60
_KEY: Final = re.compile(r"\A[\x21-\x7e]{1,255}\Z")
_NEVER_STORED: Final = frozenset({400, 401, 403, 429, 503})

# A dead run's lease is taken over by the same request only. The no-op update of the other
# branches is what makes RETURNING show the row that was there first.
_TAKE = """
INSERT INTO common_idempotencyrecord AS r (principal, key, fingerprint, holder, lease_until)
VALUES (%(principal)s, %(key)s, %(fingerprint)s, %(holder)s,
        now() + make_interval(secs => %(lease)s))
ON CONFLICT (principal, key) DO UPDATE SET
  holder = CASE WHEN r.status IS NULL AND r.lease_until < now()
                 AND r.fingerprint = EXCLUDED.fingerprint THEN EXCLUDED.holder ELSE r.holder END,
  lease_until = CASE WHEN r.status IS NULL AND r.lease_until < now()
                 AND r.fingerprint = EXCLUDED.fingerprint THEN EXCLUDED.lease_until
                 ELSE r.lease_until END
RETURNING holder, fingerprint, status, body,
          ceil(extract(epoch FROM lease_until - now()))::int
"""
_STORE = """
UPDATE common_idempotencyrecord SET status = %s, body = %s
WHERE principal = %s AND key = %s AND holder = %s AND status IS NULL
"""
_RELEASE = """
DELETE FROM common_idempotencyrecord
WHERE principal = %s AND key = %s AND holder = %s AND status IS NULL
"""
_FORGET = """
DELETE FROM common_idempotencyrecord WHERE principal = %s AND key = %s AND status IS NOT NULL
"""
_PRUNE = """
DELETE FROM common_idempotencyrecord WHERE id IN (
  SELECT id FROM common_idempotencyrecord
  WHERE created_at < now() - make_interval(hours => %s) AND lease_until < now()
  ORDER BY created_at LIMIT %s)
"""


class IdempotencyKeyRequired(DomainError):
    """A request that creates something came without a key."""

    code = "IDEMPOTENCY_KEY_REQUIRED"
    message = _("Send an Idempotency-Key header of 1 to 255 visible characters.")


class ClientIdRequired(DomainError):
    """A caller without an account did not say which client it is."""

    code = "CLIENT_ID_REQUIRED"
    message = _(
        "Send an X-Client-Id header: a random value of at least 128 bits, kept by this client, "
        "such as 32 hexadecimal digits."
    )


class IdempotencyInProgress(Conflict):
    """The first request under this key has not been answered yet."""

    code = "IDEMPOTENCY_IN_PROGRESS"
    message = _("The same request is still being carried out. Ask again in a moment.")


class IdempotencyMismatch(DomainError):
    """The key was used for another request."""

    code = "IDEMPOTENCY_MISMATCH"
    status = 422
    error = "Unprocessable content"
    message = _("This Idempotency-Key was used for a different request. Use a new key.")


@dataclass(frozen=True, slots=True)
class Taken:
    """The right to carry the request out, until the lease ends."""

    principal: str
    key: str
    holder: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer: HTTP status and JSON bytes."""

    status: int
    body: bytes


def check_key(key: str) -> str:
    """Return the key; raises IdempotencyKeyRequired when it is not 1-255 visible characters."""
    if not _KEY.match(key):
        raise IdempotencyKeyRequired
    return key


def fingerprint(*, method: str, route: str, body: Any) -> str:
    """Return the hash that tells whether two requests are the same.

    `body` is the parsed JSON, so the order of its members and white space do not matter.
    """
    canonical = orjson.dumps(body, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(b"\n".join((method.encode(), route.encode(), canonical))).hexdigest()


def take(*, principal: str, key: str, fingerprint: str) -> Taken | Answer:
    """Take the key in one statement, or return the answer stored under it.

    Runs outside any transaction, so that rivals see it at once. Raises IdempotencyInProgress while
    another run holds it and IdempotencyMismatch when it named another request. After a run died,
    the same request takes over when the lease of LEASE_SECONDS ends.
    """
    holder = secrets.token_hex(16)
    with prepared_cursor() as cursor:
        cursor.execute(
            _TAKE,
            {
                "principal": principal,
                "key": key,
                "fingerprint": fingerprint,
                "holder": holder,
                "lease": LEASE_SECONDS,
            },
        )
        row = cursor.fetchone()
    assert row is not None  # the statement always returns a row  # noqa: S101
    now_holder, known, status, body, left = row
    if known != fingerprint:
        raise IdempotencyMismatch
    if now_holder == holder:
        return Taken(principal=principal, key=key, holder=holder)
    if status is None:
        raise IdempotencyInProgress(headers={"Retry-After": str(min(max(left, 1), 2))})
    return Answer(status=status, body=fields.decrypt_bytes(bytes(body)))


def is_stored(status: int) -> bool:
    """Say whether an answer of this status is final; others may be tried again under the key."""
    return status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _NEVER_STORED


def store(taken: Taken, *, status: int, body: bytes) -> None:
    """Keep the answer, in the caller's transaction if there is one.

    Raises IdempotencyInProgress when the lease ended and another run took over: the caller's
    transaction must then be rolled back, and is by the exception.
    """
    with prepared_cursor() as cursor:
        cursor.execute(
            _STORE,
            [status, fields.encrypt_bytes(body), taken.principal, taken.key, taken.holder],
        )
        if cursor.rowcount != 1:
            raise IdempotencyInProgress(headers={"Retry-After": "1"})


def release(taken: Taken) -> None:
    """Give the key back, so that the request may be sent again; repeats safely."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [taken.principal, taken.key, taken.holder])


def forget(*, principal: str, key: str) -> None:
    """Delete a stored answer that no longer holds; one being made is left alone."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [principal, key])


def prune(*, limit: int = 1000) -> int:
    """Delete records past settings.IDEMPOTENCY_KEEP_HOURS; returns how many. Repeats safely."""
    with connection.cursor() as cursor:
        cursor.execute(_PRUNE, [settings.IDEMPOTENCY_KEEP_HOURS, limit])
        count: int = cursor.rowcount
    return count


def forget_about(*, ids: Collection[str]) -> int:
    """Delete stored answers of these principals or that name any of these public ids.

    Returns how many. Answers are encrypted, so each is opened; they are kept two days at most.
    """
    named = [public_id.encode() for public_id in ids]
    principals = {f"user:{public_id}" for public_id in ids}
    gone = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, principal, body FROM common_idempotencyrecord")
        while rows := cursor.fetchmany(500):
            for pk, principal, body in rows:
                if principal in principals or (body is not None and _names(bytes(body), named)):
                    gone.append(pk)
        cursor.execute("DELETE FROM common_idempotencyrecord WHERE id = ANY(%s)", [gone])
        count: int = cursor.rowcount
    return count


def _names(body: bytes, named: list[bytes]) -> bool:
    """Say whether a stored answer names one of the ids; one nobody can read may."""
    try:
        answer = fields.decrypt_bytes(body)
    except fields.UnknownKey:
        return True
    return any(public_id in answer for public_id in named)
