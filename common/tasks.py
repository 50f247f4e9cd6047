"""Housekeeping of the common parts."""

from celery import shared_task

from common import idempotency

_BATCH = 1000


@shared_task(name="common.prune_idempotency")
def prune_idempotency() -> None:
    """Delete idempotency records past their keep time, in batches."""
    while idempotency.prune(limit=_BATCH) == _BATCH:
        pass
