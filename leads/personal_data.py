"""What this app holds of a person: what they asked, and what was said since."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from accounts.privacy.holders import ERASED, Holder, Subject, listed
from leads.models import Communication, Lead


def _leads(subject: Subject) -> QuerySet[Lead]:
    return Lead.objects.filter(contact__in=subject.contacts).order_by("pk")


def _objects(subject: Subject) -> Iterable[str]:
    yield from _leads(subject).values_list("public_id", flat=True)


def _export(subject: Subject) -> dict[str, Any]:
    said = Communication.objects.filter(lead__in=_leads(subject)).order_by("pk")
    return {
        "enquiries": listed(
            _leads(subject),
            "public_id",
            "business__name",
            "message",
            "source",
            "stage",
            "created_at",
        ),
        "conversations": listed(said, "lead__public_id", "direction", "channel", "body", "at"),
    }


def _erase(subject: Subject) -> int:
    count = Communication.objects.filter(lead__in=_leads(subject)).update(body="")
    # A lost lead says why; the rule holds without the words.
    count += _leads(subject).filter(stage=Lead.Stage.LOST).update(lost_reason=ERASED)
    return count + _leads(subject).update(message="")


HOLDER = Holder(name="leads", export=_export, erase=_erase, objects=_objects)
