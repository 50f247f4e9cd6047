"""Checks of request parameters that every endpoint shares."""

from __future__ import annotations

from typing import Any

from .errors import invalid


def only(params: dict[str, Any], allowed: str) -> None:
    """Refuse parameters that the endpoint does not know, as Stripe does."""
    known = {*allowed.split(), "expand"}
    for name in params:
        if name not in known:
            raise invalid(
                f"Received unknown parameter: {name}",
                param=name,
                code="parameter_unknown",
            )


def required(params: dict[str, Any], name: str) -> str:
    """Return a parameter that must be there."""
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
    return value


def integer(value: object, name: str) -> int:
    """Return a whole number written in decimal digits."""
    text = str(value)
    if not text.lstrip("-").isdigit():
        raise invalid(f"Invalid integer: {text}", param=name, code="parameter_invalid_integer")
    return int(text)


def amount(value: object, name: str = "amount") -> int:
    """Return an amount in the smallest unit: 1 to 99,999,999."""
    number = integer(value, name)
    if number < 1:
        raise invalid(
            "This value must be greater than or equal to 1.",
            param=name,
            code="parameter_invalid_integer",
        )
    if number > 99_999_999:
        raise invalid(
            "Amount must be no more than 99,999,999 in the smallest unit.",
            param=name,
            code="amount_too_large",
        )
    return number


def currency(value: str) -> str:
    """Return a lower-case ISO code of three letters."""
    if len(value) != 3 or not value.isalpha():
        raise invalid(f"Invalid currency: {value}", param="currency")
    return value.lower()


def texts(value: object, name: str = "metadata") -> dict[str, str]:
    """Return metadata; every value is text."""
    if value in (None, ""):
        return {}
    if not isinstance(value, dict) or any(not isinstance(item, str) for item in value.values()):
        raise invalid("Invalid hash", param=name)
    return dict(value)


def page(items: list[dict[str, Any]], params: dict[str, Any], url: str) -> dict[str, Any]:
    """Return one page of a list, newest first, with Stripe's cursors and `created` range."""
    rows = items[::-1]
    created = params.get("created")
    if isinstance(created, dict):
        if "gte" in created:
            rows = [row for row in rows if row["created"] >= integer(created["gte"], "created")]
        if "lte" in created:
            rows = [row for row in rows if row["created"] <= integer(created["lte"], "created")]
    ids = [row["id"] for row in rows]
    if params.get("starting_after") in ids:
        rows = rows[ids.index(params["starting_after"]) + 1 :]
    elif params.get("ending_before") in ids:
        rows = rows[: ids.index(params["ending_before"])]
    limit = integer(params.get("limit", "10"), "limit")
    if not 1 <= limit <= 100:
        raise invalid("Invalid limit: must be between 1 and 100", param="limit")
    return {
        "object": "list",
        "data": rows[:limit],
        "has_more": len(rows) > limit,
        "url": url,
    }
