"""Read JSON from outside within limits: what two parsers could read differently is refused."""

import json
from typing import Any, NoReturn

from webhooks.errors import MalformedNotice

MAX_DEPTH = 32
MAX_INTEGER_DIGITS = 18


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in the body.

    Raises MalformedNotice for anything but an object in UTF-8, for nesting deeper than 32,
    duplicate keys, NaN or infinity, integers beyond 18 digits, NUL and lone surrogates.
    """
    try:
        text = body.decode()
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse,
            parse_int=_integer,
            parse_float=_number,
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise MalformedNotice from error
    if not isinstance(value, dict):
        raise MalformedNotice
    if text.count("{") + text.count("[") > MAX_DEPTH:
        _check_depth(value)
    if "\\u" in text:
        _check_texts(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedNotice
    return found


def _refuse(_constant: str) -> NoReturn:
    raise MalformedNotice


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_INTEGER_DIGITS:
        raise MalformedNotice
    return int(digits)


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise MalformedNotice
    return value


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise MalformedNotice
        level = [inner for item in level for inner in _children(item) if _children(inner)]


def _check_texts(value: Any) -> None:
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, str):
            if "\x00" in item or any("\ud800" <= letter <= "\udfff" for letter in item):
                raise MalformedNotice
        elif isinstance(item, dict):
            rest.extend(item)
            rest.extend(item.values())
        elif isinstance(item, list):
            rest.extend(item)


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
