"""Decode the bracketed form bodies of Stripe's API: `a[b][0][c]=v` into nested values."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

_PART = re.compile(r"\[([^\]]*)\]")


def decode(text: str) -> dict[str, Any]:
    """Return nested dicts and lists; every leaf stays a string, as on the wire."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, _, _ = name.partition("[")
        path = [head, *_PART.findall(name)]
        node = root
        for part in path[:-1]:
            node = node.setdefault(part, {})
        last = path[-1] or str(len(node))
        node[last] = value
    return {key: _listed(value) for key, value in root.items()}


def _listed(value: object) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(item) for key, item in value.items()}
