"""How long the records keep what tells of a person: settings.LOG_KEEP_DAYS, 90 by default."""

from django.conf import settings
from django.db import connection

_BATCH = 5000
# The audit log itself stays; the database lets only this column be emptied.
_EMPTY_PERSONAL = """
UPDATE accounts_auditentry SET personal = NULL WHERE id IN (
  SELECT id FROM accounts_auditentry
  WHERE personal IS NOT NULL AND at < now() - make_interval(days => %s) LIMIT %s)
"""
_DELETE_SECURITY = """
DELETE FROM accounts_securityentry WHERE id IN (
  SELECT id FROM accounts_securityentry
  WHERE at < now() - make_interval(days => %s) LIMIT %s)
"""
_DELETE_EXPORTS = """
DELETE FROM accounts_personalexport WHERE id IN (
  SELECT id FROM accounts_personalexport
  WHERE expires_at < now() - make_interval(days => %s) LIMIT %s)
"""


def prune_records() -> int:
    """Empty the audit log's personal column and delete security entries past their days.

    Archives of personal data go once they cannot be fetched any more. Returns how many rows were
    touched. In batches; repeats safely.
    """
    days = settings.LOG_KEEP_DAYS
    total = _in_batches(_EMPTY_PERSONAL, days) + _in_batches(_DELETE_SECURITY, days)
    return total + _in_batches(_DELETE_EXPORTS, 0)


def _in_batches(statement: str, days: int) -> int:
    total = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [days, _BATCH])
            count: int = cursor.rowcount
        total += count
        if count < _BATCH:
            return total
