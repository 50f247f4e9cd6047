"""Version tokens of cached slot lists: one for each business and calendar.

A list is kept with the tokens it was made under and counts only while all of them still stand.
Tokens are random, so one that was lost never comes back under the same value.
"""

import secrets
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q

from bookings.models import Calendar

TOKEN_SECONDS = 3600
_ANY: Final = "any"


def key(public_id: str) -> str:
    """Return the cache key of an id's token."""
    return f"slots:v:{public_id}"


def read(ids: Iterable[str]) -> dict[str, str]:
    """Return the tokens of public ids, making those that are missing; one round trip if none is."""
    keys = {key(public_id): public_id for public_id in ids}
    found: Mapping[str, str] = cache.get_many(list(keys))
    tokens = {keys[name]: token for name, token in found.items()}
    for name, public_id in keys.items():
        if public_id not in tokens:
            fresh = secrets.token_hex(8)
            is_ours = cache.add(name, fresh, TOKEN_SECONDS)
            tokens[public_id] = fresh if is_ours else str(cache.get(name, fresh))
    return tokens


def any_change() -> str:
    """Return a token that every bump of any id changes; '' while the cache is silent.

    Equal before and after something was read: nothing was bumped meanwhile.
    """
    cache.add(key(_ANY), secrets.token_hex(8), TOKEN_SECONDS)
    return str(cache.get(key(_ANY), ""))


def bump(ids: Iterable[str]) -> None:
    """Make every list that depends on one of the ids stale, now. A silent cache is no error."""
    tokens = {key(name): secrets.token_hex(8) for name in (*ids, _ANY)}
    cache.set_many(tokens, TOKEN_SECONDS)


def bump_after_commit(ids: Iterable[str]) -> None:
    """Make the lists stale when the present transaction has committed; repeats safely.

    While the cache is silent the reaction to the recorded event does it later.
    """
    transaction.on_commit(partial(bump, sorted(set(ids))), robust=True)


def calendar_ids(calendar_id: int) -> list[str]:
    """Return the public ids of a calendar (by row id) and of all that its bookings occupy.

    These are the same person's other calendars and whatever its services need besides.
    """
    rows = Calendar.objects.filter(
        Q(pk=calendar_id) | Q(staff__calendars=calendar_id) | Q(needed_by__performers=calendar_id)
    )
    return list(rows.values_list("public_id", flat=True).distinct())
