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
    if position := read_cursor(order=order, scope=scope, cursor=cursor):
        queryset = queryset.filter(_after(order, position))
    rows = list(queryset.order_by(*order)[: limit + 1])
    names = [name.removeprefix("-") for name in order]
    return cut(
        rows,
        order=order,
        scope=scope,
        limit=limit,
        position=lambda row: [getattr(row, name) for name in names],
    )


def read_cursor(*, order: Sequence[str], scope: str, cursor: str) -> list[Any]:
    """Return the values of `order` in the last row shown; none for the first page.

    For lists that write their own statement. Raises InvalidCursor.
    """
    return _decode(_digest(scope, order), cursor) if cursor else []


def cut(
    rows: list[R],
    *,
    order: Sequence[str],
    scope: str,
    limit: int,
    position: Callable[[R], Sequence[Any]],
) -> Page[R]:
    """Return the page of the first `limit` rows; one row more says that there is a next page.

    `position` gives a row's values of `order`.
    """
    if len(rows) <= limit:
        return Page(rows=rows, next_cursor=None)
    rows = rows[:limit]
    return Page(rows=rows, next_cursor=_encode(_digest(scope, order), position(rows[-1])))


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
