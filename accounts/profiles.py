"""Public profiles of businesses, kept ten minutes and dropped by any change.

Who reads while the profile changes may hold the old one: so a change leaves a marker for a few
seconds, and a reader only keeps what it read where nothing stands.
"""

from functools import partial
from typing import Final

from django.core.cache import cache
from django.db import transaction

from accounts.models import Business
from common.errors import NotFound

KEEP_SECONDS: Final = 600
_MARKER: Final = "changed"
_MARKER_SECONDS: Final = 20  # longer than any statement may run


def find_profile(ref: str) -> Business:
    """Return the business by slug or public id, for reading only. Raises NotFound."""
    kept = cache.get(_key(ref))
    if isinstance(kept, Business):
        return kept
    name = "public_id" if ref.startswith("biz_") else "slug"
    found = Business.objects.filter(**{name: ref}).first()
    if found is None:
        raise NotFound
    cache.add(_key(ref), found, KEEP_SECONDS)
    return found


def drop_after_commit(business: Business, *, former_slug: str = "") -> None:
    """Let everybody read the profile anew once the present transaction has committed."""
    refs = {business.public_id, business.slug, former_slug} - {""}
    transaction.on_commit(partial(_drop, sorted(refs)), robust=True)


def _drop(refs: list[str]) -> None:
    for ref in refs:
        cache.set(_key(ref), _MARKER, _MARKER_SECONDS)


def _key(ref: str) -> str:
    return f"profile:{ref}"
