"""Pages by keyset: a cursor names the last row shown, so no page is slower than the first.

A cursor is sealed, so it shows no integer key and cannot be made up, and is bound to the list it
came from. No total is counted. Rows that appear or vanish between two pages move no other row.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import orjson
from cryptography.fernet import InvalidToken
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from common import fields
from common.errors import DomainError

M = TypeVar("M", bound=models.Model)
R = TypeVar("R")

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 100
_MAX_CURSOR: Final = 512


class InvalidCursor(DomainError):
    """The cursor was not issued by this list."""

    code = "INVALID_CURSOR"
    message = _("This page address is not valid. Start again from the first page.")


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Some rows, and the cursor of the next page; None at the end."""

    rows: list[R]
    next_cursor: str | None


def paginate(
    queryset: QuerySet[M],
    *,
    order: Sequence[str],
    scope: str,
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[M]:
    """Return one page in one statement.

    `order` names plain, never-null columns, the last of them unique; a leading "-" turns one
    around. `scope` names the list with its filters. Raises InvalidCursor.
    """
    origin = _digest(scope, order)
    rows = list(_from(queryset, origin, order, cursor)[: limit + 1])
    if len(rows) <= limit:
        return Page(rows=rows, next_cursor=None)
    rows = rows[:limit]
    last = [getattr(rows[-1], name.removeprefix("-")) for name in order]
    return Page(rows=rows, next_cursor=_encode(origin, last))


def paginate_columns(
    queryset: QuerySet[M],
    *,
    columns: Sequence[str],
    make: Callable[[Sequence[Any]], R],
    order: Sequence[str],
    scope: str,
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[R]:
    """Return one page as `paginate` does, each row made from the values of its columns.

    For lists that show a few columns of many models: building those models takes most of a
    page's time.
    """
    origin = _digest(scope, order)
    names = [name.removeprefix("-") for name in order]
    wanted = _from(queryset, origin, order, cursor).values_list(*columns, *names)
    rows = list(wanted[: limit + 1])
    made = [make(row[: len(columns)]) for row in rows[:limit]]
    if len(rows) <= limit:
        return Page(rows=made, next_cursor=None)
    return Page(rows=made, next_cursor=_encode(origin, rows[limit - 1][len(columns) :]))


def _from(
    queryset: QuerySet[M], origin: str, order: Sequence[str], cursor: str
) -> QuerySet[M]:
    """Return the rows behind the cursor, in order."""
    if cursor:
        queryset = queryset.filter(_after(order, _decode(origin, cursor)))
    return queryset.order_by(*order)


def _digest(scope: str, order: Sequence[str]) -> str:
    return hashlib.sha256("\n".join((scope, *order)).encode()).hexdigest()[:16]


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Return "comes after these values", led by a plain bound the index can start from."""
    condition = Q()
    for name, value in reversed(list(zip(order, values, strict=True))):
        column = name.removeprefix("-")
        direction = "lt" if name.startswith("-") else "gt"
        beyond = Q(**{f"{column}__{direction}": value})
        if condition:
            beyond = Q(**{f"{column}__{direction}e": value}) & (beyond | condition)
        condition = beyond
    return condition


def _encode(origin: str, values: Sequence[Any]) -> str:
    plain = [["t", v.isoformat()] if isinstance(v, dt.datetime) else v for v in values]
    return fields.box().encrypt(orjson.dumps([origin, *plain])).decode()


def _decode(origin: str, cursor: str) -> list[Any]:
    if len(cursor) > _MAX_CURSOR:
        raise InvalidCursor
    try:
        claimed, *plain = orjson.loads(fields.box().decrypt(cursor.encode()))
    except InvalidToken:
        raise InvalidCursor from None
    if claimed != origin:
        raise InvalidCursor
    return [dt.datetime.fromisoformat(v[1]) if isinstance(v, list) else v for v in plain]
