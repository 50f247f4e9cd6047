"""Nothing is forgotten: payments and refunds without an end are asked about."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from payments.actions import schedules
from payments.models import Payment, Refund
from payments.states import OPEN_PAYMENT, OPEN_REFUND, SOFT_ENDS

# A soft end may hide money whose notice was lost: each is asked about an hour and a day later. The
# window is wider than the task's period, so that a late run skips none; asking twice is harmless.
_LOOKS_BACK = (timedelta(hours=1), timedelta(hours=24))
_WINDOW = timedelta(minutes=20)
_BATCH = 500


@transaction.atomic
def reconcile_payments(*, now: datetime) -> int:
    """Let the provider be asked about every open payment and refund, and ended ones twice.

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
    is_time = Q()
    for age in _LOOKS_BACK:
        is_time |= Q(ended_at__gt=now - age - _WINDOW, ended_at__lte=now - age)
    ended = Payment.objects.filter(is_time, status__in=SOFT_ENDS, review_reason="").exclude(
        provider_id="", provider_session_id=""
    )
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
