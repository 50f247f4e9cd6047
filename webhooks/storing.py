"""Store a notice by one statement, which also answers the source's lookup.

A first delivery is one plain INSERT. Only a repeat, which that INSERT leaves alone, is followed by
the statement that counts it and tells the security log.
"""

import hashlib
from functools import lru_cache, partial
from typing import Any

import orjson
from django.db import InterfaceError, OperationalError, connection, transaction

from common.errors import Busy
from common.ids import new_public_id
from events import nudge
from events.lanes import Lane
from webhooks.sources import Endpoint, InboundRequest, Notice, Receipt

_INSERT = f"""
INSERT INTO webhooks_inboundevent
  (public_id, lane, provider, endpoint_id, account, business, event_id, type, body, content_hash,
   address)
VALUES (%(public_id)s, {int(Lane.CRITICAL)}, %(provider)s, %(endpoint_id)s, %(account)s,
        %(business)s, %(event_id)s, %(type)s, %(body)s, %(hash)s, %(address)s)
ON CONFLICT (provider, account, event_id)
"""  # noqa: S608  a constant of ours
_FIRST = _INSERT + "DO NOTHING RETURNING id, 0, false, {lookup}"
# One security entry for a replayed notice however often it is repeated: once_key is unique. Another
# content under a known id is written as a conflict, for which the row is flagged too. Inserts as
# well: the row the first statement met may have been pruned since.
_AGAIN = f"""
WITH stored AS ({_INSERT} DO UPDATE SET
    duplicates = webhooks_inboundevent.duplicates + 1,
    has_conflict = webhooks_inboundevent.has_conflict
                   OR webhooks_inboundevent.content_hash <> EXCLUDED.content_hash
  RETURNING id, public_id, duplicates, content_hash <> %(hash)s AS is_conflict),
noted AS (
  INSERT INTO accounts_securityentry
    (kind, severity, subject, business, address, detail, request_id, once_key)
  SELECT CASE WHEN is_conflict THEN 'webhook.conflict' ELSE 'webhook.replayed' END,
         CASE WHEN is_conflict THEN 'alert' ELSE 'info' END,
         public_id, %(business)s, %(address)s,
         jsonb_build_object('gateway', %(provider)s::text, 'event', %(event_id)s::text), '',
         CASE WHEN is_conflict THEN 'webhook.conflict:' ELSE 'webhook.replayed:' END || public_id
  FROM stored WHERE duplicates = 1 OR is_conflict
  ON CONFLICT (once_key) DO NOTHING)
SELECT id, duplicates, is_conflict, {{lookup}} FROM stored
"""  # noqa: S608  constants of ours


@lru_cache(maxsize=32)
def _statements(lookup: str) -> tuple[str, str]:
    """Return both statements with a source's lookup in place; its parameters become named ones."""
    for place in range(lookup.count("%s")):
        lookup = lookup.replace("%s", f"%(lookup_{place})s", 1)
    return _FIRST.format(lookup=lookup), _AGAIN.format(lookup=lookup)


def store(
    *, provider: str, endpoint_id: str, endpoint: Endpoint, request: InboundRequest, notice: Notice
) -> Receipt:
    """Commit the notice and wake the relay; a repeat changes a counter only.

    Raises Busy (503, so the provider tries again) while the database does not answer.
    """
    lookup, parameters = notice.lookup or ("NULL::jsonb", ())
    first, again = _statements(lookup)
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
        with connection.cursor() as cursor:
            cursor.execute(first, values)
            row = cursor.fetchone()
            if row is None:
                cursor.execute(again, values)
                row = cursor.fetchone()
    except (OperationalError, InterfaceError) as error:
        raise Busy from error
    assert row is not None  # the statement returns the row it stored  # noqa: S101
    event_id, duplicates, is_conflict, found = row
    if not duplicates:
        transaction.on_commit(partial(nudge.wake, Lane.CRITICAL))
    return Receipt(
        id=event_id,
        is_duplicate=duplicates > 0,
        is_conflict=is_conflict,
        found=orjson.loads(found) if isinstance(found, str) else found,
    )
