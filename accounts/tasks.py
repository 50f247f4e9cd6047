"""Periodic work of this app."""

from celery import shared_task
from django.utils import timezone

from accounts.devices import actions


@shared_task(name="accounts.prune_devices")
def prune_devices() -> int:
    """Forget devices unseen for long."""
    return actions.prune_devices(now=timezone.now())
