"""Store a notice by one statement, which also counts a repeat and answers the source's lookup."""

import hashlib
from functools import partial

import orjson
from django.db import InterfaceError, OperationalError, connection, transaction

from common.errors import Busy
from common.ids import new_public_id
from events import nudge
from events.lanes import Lane
from webhooks.sources import Endpoint, InboundRequest, Notice, Receipt

# One security entry for a replayed notice however often it is repeated: once_key is unique. Another
# content under a known id is written as a conflict, for which the row is flagged too.
_STORE = """
WITH stored AS (
  INSERT INTO webhooks_inboundevent
    (public_id, lane, key, provider, endpoint_id, account, business, event_id, type, body,
     content_hash, address)
  VALUES (%(public_id)s, %(lane)s, NULL, %(provider)s, %(endpoint_id)s, %(account)s, %(business)s,
          %(event_id)s, %(type)s, %(body)s, %(hash)s, %(address)s)
  ON CONFLICT (provider, account, event_id) DO UPDATE SET
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
SELECT id, duplicates, is_conflict, {lookup} FROM stored
"""


def store(
    *, provider: str, endpoint_id: str, endpoint: Endpoint, request: InboundRequest, notice: Notice
) -> Receipt:
    """Commit the notice and wake the relay; a repeat changes a counter only.

    Raises Busy (503, so the provider tries again) while the database does not answer.
    """
    sql, parameters = notice.lookup or ("NULL::jsonb", ())
    named = {f"lookup_{place}": value for place, value in enumerate(parameters)}
    for name in named:
        sql = sql.replace("%s", f"%({name})s", 1)
    values = {
        "public_id": new_public_id("inb"),
        "lane": int(Lane.CRITICAL),
        "provider": provider,
        "endpoint_id": endpoint_id,
        "account": endpoint.account,
        "business": endpoint.business,
        "event_id": notice.event_id,
        "type": notice.type,
        "body": notice.content,
        "hash": hashlib.sha256(notice.content).digest(),
        "address": request.address or None,
        **named,
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute(_STORE.format(lookup=sql), values)
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
