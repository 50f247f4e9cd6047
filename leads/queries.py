"""Reads of leads."""

from django.db.models import QuerySet

from leads.models import Lead


def find_lead(public_id: str) -> Lead | None:
    """Return the lead as it is now."""
    return leads().filter(public_id=public_id).first()


def leads() -> QuerySet[Lead]:
    """Return leads with what a list shows."""
    return Lead.objects.select_related("business", "contact", "assigned_to__user")
