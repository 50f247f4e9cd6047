"""What this app holds of a person. Amounts, dates and states stay, as the law asks."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.privacy.holders import ERASED, Holder, Subject, listed
from events.models import Work
from payments.models import Payment, Refund

_CLEAN_NOTICES = """
UPDATE webhooks_inboundevent n SET body = '{}', address = NULL
WHERE n.state = %s AND EXISTS (
  SELECT 1 FROM unnest(%s::text[]) AS named(id)
  WHERE position(convert_to(named.id, 'UTF8') IN n.body) > 0)
"""


def _payments(subject: Subject) -> QuerySet[Payment]:
    return Payment.objects.filter(contact__in=subject.contacts).order_by("pk")


def _objects(subject: Subject) -> Iterable[str]:
    yield from _payments(subject).values_list("public_id", flat=True)
    refunds = Refund.objects.filter(payment__in=_payments(subject))
    yield from refunds.values_list("public_id", flat=True)


def _export(subject: Subject) -> dict[str, Any]:
    payments = _payments(subject)
    refunds = Refund.objects.filter(payment__in=payments).order_by("pk")
    money = ("amount_minor", "currency", "status")
    return {
        "payments": listed(
            payments,
            "public_id",
            "business__name",
            "purpose",
            "description",
            *money,
            "captured_minor",
            "refunded_minor",
            "created_at",
            "succeeded_at",
        ),
        "refunds": listed(
            refunds, "public_id", "payment__public_id", *money, "reason", "requested_at", "ended_at"
        ),
    }


def _erase(subject: Subject) -> int:
    count = _clean_notices(subject)
    count += _payments(subject).update(
        client_secret="", checkout_url="", return_url="", review_detail={}
    )
    refunds = Refund.objects.filter(payment__in=_payments(subject))
    return count + refunds.update(reason=ERASED)


def _clean_notices(subject: Subject) -> int:
    """Empty the finished provider notices that name one of the person's payments.

    Their bodies hold what the provider knows of the payer. One still to be processed is left: it
    may be about money; finished ones are deleted after a week anyway.
    """
    named = _payments(subject).exclude(provider_id="").values_list("provider_id", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(_CLEAN_NOTICES, [int(Work.State.DONE), list(named)])
        return int(cursor.rowcount)


HOLDER = Holder(name="payments", export=_export, erase=_erase, objects=_objects)
