"""Names of objects known by their public id, for timelines and records.

An app adds a namer for its kind in `apps.py: ready()`. It is asked once for all ids of the kind, so
that a page costs the same however many rows it names. Whoever asks must already be allowed to see
the rows that carry the ids.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

Namer = Callable[[tuple[str, ...]], Mapping[str, str]]
_namers: dict[str, Namer] = {}


def register(prefix: str, namer: Namer) -> None:
    """Name ids of this prefix by `namer`; the same prefix again replaces it."""
    _namers[prefix] = namer


def names_of(ids: Iterable[str]) -> dict[str, str]:
    """Return the names of those ids that have one; one query a kind."""
    by_kind: defaultdict[str, set[str]] = defaultdict(set)
    for public_id in ids:
        prefix, mark, _rest = public_id.partition("_")
        if mark and prefix in _namers:
            by_kind[prefix].add(public_id)
    found: dict[str, str] = {}
    for prefix, wanted in by_kind.items():
        found.update(_namers[prefix](tuple(sorted(wanted))))
    return found
