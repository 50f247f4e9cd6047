"""Store a notice by one statement, which also counts a repeat and answers the source's lookup."""

import hashlib
import zlib
from functools import lru_cache, partial
from typing import Any

import orjson
from django.db import InterfaceError, OperationalError, transaction

from accounts.models import SecurityEntry
from common import context
from common.errors import Busy
from common.ids import new_public_id
from common.postgres.direct import DirectStatement
from events import nudge
from events.lanes import Lane
from webhooks.sources import Endpoint, InboundRequest, Notice, Receipt

_STORE = f"""
INSERT INTO webhooks_inboundevent AS held
  (public_id, lane, provider, endpoint_id, account, business, event_id, type, body, content_hash,
   address)
VALUES (%(public_id)s, {int(Lane.CRITICAL)}, %(provider)s, %(endpoint_id)s, %(account)s,
        %(business)s, %(event_id)s, %(type)s, %(body)s, %(hash)s, %(address)s)
ON CONFLICT (provider, account, event_id) DO UPDATE SET
  duplicates = held.duplicates + 1,
  has_conflict = held.has_conflict OR held.content_hash <> EXCLUDED.content_hash
RETURNING id, public_id, duplicates, content_hash <> %(hash)s, ({{lookup}})::text
"""  # noqa: S608  a constant of ours
_TELL = DirectStatement(
    "webhooks_tell",
    """
INSERT INTO accounts_securityentry
  (kind, severity, subject, business, address, detail, request_id, once_key)
VALUES (%(kind)s, %(severity)s, %(subject)s, %(business)s, %(address)s,
        jsonb_build_object('gateway', %(provider)s::text, 'event', %(event_id)s::text),
        %(request_id)s, %(once_key)s)
ON CONFLICT (once_key) DO NOTHING RETURNING id
""",
)
# A notice is told to the security log on its first repeats: once by its key, and again should the
# process have died between counting it and telling it.
_TOLD_REPEATS = 2


@lru_cache(maxsize=32)
def _statement(lookup: str) -> DirectStatement:
    """Return the statement with a source's lookup in place; its parameters become named ones."""
    for place in range(lookup.count("%s")):
        lookup = lookup.replace("%s", f"%(lookup_{place})s", 1)
    sql = _STORE.format(lookup=lookup)
    return DirectStatement(f"webhooks_store_{zlib.crc32(sql.encode()):x}", sql)


def store(
    *, provider: str, endpoint_id: str, endpoint: Endpoint, request: InboundRequest, notice: Notice
) -> Receipt:
    """Commit the notice and wake the relay; a repeat changes a counter only.

    Raises Busy (503, so the provider tries again) while the database does not answer.
    """
    lookup, parameters = notice.lookup or ("NULL::jsonb", ())
    values: dict[str, Any] = {
        "public_id": new_public_id("inb"),
        "provider": provider,
        "endpoint_id": endpoint_id,
        "account": endpoint.account,
        "business": endpoint.business,
        "event_id": notice.event_id,
        "type": notice.type,
        "body": notice.content,
        "hash": hashlib.sha256(notice.content).digest(),
        "address": request.address or None,
    }
    for place, value in enumerate(parameters):
        values[f"lookup_{place}"] = value
    try:
        row = _statement(lookup).fetch_one(values)
        assert row is not None  # the statement returns the row it stored  # noqa: S101
        event_id, public_id, repeats, conflict, found = row
        duplicates, is_conflict = int(repeats or 0), conflict == "t"
        if is_conflict or 0 < duplicates <= _TOLD_REPEATS:
            _tell(public_id or "", values, is_conflict=is_conflict)
    except (OperationalError, InterfaceError) as error:
        raise Busy from error
    if not duplicates:
        transaction.on_commit(partial(nudge.wake, Lane.CRITICAL))
    return Receipt(
        id=int(event_id or 0),
        is_duplicate=duplicates > 0,
        is_conflict=is_conflict,
        found=orjson.loads(found) if found else None,
    )


def _tell(public_id: str, values: dict[str, Any], *, is_conflict: bool) -> None:
    """Write one entry for a replayed notice, and one for other content under its id."""
    kind = "webhook.conflict" if is_conflict else "webhook.replayed"
    severity = SecurityEntry.Severity
    told = {
        **values,
        "kind": kind,
        "severity": str(severity.ALERT if is_conflict else severity.INFO),
        "subject": public_id,
        "request_id": context.request_id.get(),
        "once_key": f"{kind}:{public_id}",
    }
    _TELL.fetch_one(told)
