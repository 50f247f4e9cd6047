"""Periodic work."""

from celery import shared_task
from django.utils import timezone

from payments import actions


@shared_task(name="payments.reconcile", acks_late=True, reject_on_worker_lost=True)
def reconcile(**_later: object) -> None:
    """Have every unfinished payment and refund asked about."""
    actions.reconcile_payments(now=timezone.now())
