"""Nothing is forgotten: payments and refunds without an end are asked about."""

from datetime import datetime, timedelta

from django.db import transaction

from payments.actions import schedules
from payments.models import Payment, Refund
from payments.states import OPEN_PAYMENT, OPEN_REFUND

# A soft end may hide money whose notice was lost; so long it is asked about.
_LOOK_BACK = timedelta(hours=24)
_BATCH = 500


@transaction.atomic
def reconcile_payments(*, now: datetime) -> int:
    """Let the provider be asked about every open payment and refund, and recently ended ones.

    Questions that wait already keep their time when it is sooner. Returns how many rows were
    looked at. Repeats safely; the periodic task calls it.
    """
    count = 0
    open_ones = Payment.objects.filter(
        status__in=OPEN_PAYMENT, review_reason="", submitted_at__lt=now - timedelta(minutes=5)
    )
    for payment in open_ones.order_by("id")[:_BATCH]:
        schedules.check_payment_soon(payment, now)
        count += 1
    ended = Payment.objects.filter(
        status__in=["expired", "canceled", "failed"],
        review_reason="",
        ended_at__gt=now - _LOOK_BACK,
    ).exclude(provider_id="", provider_session_id="")
    for payment in ended.order_by("id")[:_BATCH]:
        schedules.check_payment_soon(payment, now)
        count += 1
    refunds = Refund.objects.filter(
        status__in=OPEN_REFUND, requested_at__lt=now - timedelta(minutes=5)
    )
    for refund in refunds.order_by("id")[:_BATCH]:
        schedules.check_refund_soon(refund, now)
        count += 1
    return count
