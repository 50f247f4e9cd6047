"""Re-encrypting what is stored with the newest key, in batches, while the product serves.

Encrypted fields are found on the models; columns that hold encrypted values in another form are
registered in `apps.py: ready()`. A row is written only if it still holds what was read, so a change
made meanwhile wins and is found by the next look. Everything repeats safely.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.apps import apps
from django.db import connection, models, transaction

from common import fields

BATCH: Final = 200
_registered: dict[tuple[str, str], type[models.Model]] = {}


@dataclass(frozen=True, slots=True)
class Column:
    """A column with encrypted values: `json` holds them inside a document, `bytes` as bytes."""

    name: str
    table: str
    key: str
    column: str
    kind: str


@dataclass(slots=True)
class Report:
    """What became of a column. `keys` counts values by the id of their key afterwards."""

    column: Column
    rewritten: int = 0
    keys: Counter[str] = field(default_factory=Counter)
    unreadable: list[tuple[int, str]] = field(default_factory=list)


def register(model: type[models.Model], name: str) -> None:
    """Add a column whose field is none of the encrypted ones; repeats safely."""
    _registered[(model._meta.label, name)] = model


def columns() -> list[Column]:
    """Return every column with encrypted values, by name."""
    found = {
        (model._meta.label, item.name): model
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
        for item in model._meta.local_concrete_fields
        if isinstance(item, fields.EncryptedTextField | fields.EncryptedJSONField)
    }
    return [_column(model, name) for (_label, name), model in sorted((found | _registered).items())]


def _column(model: type[models.Model], name: str) -> Column:
    meta = model._meta
    item: Any = meta.get_field(name)
    kind = "text"
    if isinstance(item, models.BinaryField):
        kind = "bytes"
    elif isinstance(item, models.JSONField):
        kind = "json"
    return Column(
        f"{meta.label}.{name}", meta.db_table, str(meta.pk.column), str(item.column), kind
    )


def rotate(column: Column, *, pause: float = 0.0) -> Report:
    """Re-encrypt what another key than the newest encrypted; `pause` in seconds between batches.

    A value no key fits is left as it is and named in the report.
    """
    report, newest = Report(column), fields.newest_key_id()
    after: Any = None
    while rows := _batch(column, after):
        after = rows[-1][0]
        with transaction.atomic():
            for pk, stored in rows:
                _rewrite(report, pk, stored, newest)
        if pause:
            time.sleep(pause)
    return report


def _batch(column: Column, after: Any) -> list[tuple[Any, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column.key}, {_as_text(column)} FROM {column.table} "  # noqa: S608  own names
            f"WHERE {column.column} IS NOT NULL AND (%s::text IS NULL OR {column.key} > %s) "
            f"ORDER BY {column.key} LIMIT {BATCH}",
            [None if after is None else str(after), after],
        )
        return list(cursor.fetchall())


def _as_text(column: Column) -> str:
    if column.kind == "bytes":
        return f"convert_from({column.column}, 'UTF8')"
    return f"{column.column}::text"


def _rewrite(report: Report, pk: Any, stored: str, newest: str) -> None:
    column = report.column
    tokens = list(_tokens(stored))
    stale = [token for token in tokens if token.partition(":")[0] != newest]
    report.keys.update({newest: len(tokens) - len(stale)})
    changed = stored
    for token in stale:
        name = fields.TOKEN.fullmatch(token)
        try:
            changed = changed.replace(token, fields.encrypt(fields.decrypt(token)))
        except fields.UnknownKey:
            key = (name and name["key"]) or "unknown"
            report.unreadable.append((pk, key))
            report.keys[key] += 1
            return
    if changed == stored:
        return
    if _store(column, pk, stored, changed):
        report.rewritten += 1
        report.keys[newest] += len(stale)
    else:
        report.keys["changed meanwhile"] += len(stale)


def _tokens(stored: str) -> Iterator[str]:
    return (match.group(0) for match in fields.TOKEN.finditer(stored))


def _store(column: Column, pk: Any, stored: str, changed: str) -> bool:
    cast = {"bytes": "convert_to(%s, 'UTF8')", "json": "%s::jsonb", "text": "%s"}[column.kind]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {column.table} SET {column.column} = {cast} "  # noqa: S608  own names
            f"WHERE {column.key} = %s AND {_as_text(column)} = %s",
            [changed, pk, stored],
        )
        return bool(cursor.rowcount == 1)
