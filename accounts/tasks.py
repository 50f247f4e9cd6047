"""Celery's side of the records and devices: seals of days that are over, and retention."""

from celery import shared_task
from django.utils import timezone

from accounts import retention, sealing
from accounts.devices import actions as devices


@shared_task(name="accounts.seal_audit_days")
def seal_audit_days(**_later: object) -> None:
    """Seal the days that are over; repeats safely."""
    sealing.seal_days(now=timezone.now())


@shared_task(name="accounts.prune_records")
def prune_records(**_later: object) -> None:
    """Remove what is past its retention, in batches."""
    retention.prune_records()


@shared_task(name="accounts.prune_devices")
def prune_devices() -> int:
    """Forget devices unseen for long."""
    return devices.prune_devices(now=timezone.now())
