"""Reads of keys."""

from django.db.models import QuerySet

from accounts.models import ApiKey, Business


def keys_of(business: Business) -> QuerySet[ApiKey]:
    """Return the business's keys, the newest first."""
    rows = ApiKey.objects.filter(business=business).select_related("business", "created_by")
    return rows.order_by("-id")


def find_key(public_id: str) -> ApiKey | None:
    """Return the key's row as it is now."""
    rows = ApiKey.objects.select_related("business", "created_by", "replaced_by")
    return rows.filter(public_id=public_id).first()
