"""Celery's side of the relay. A task carries a lane, never an object; rows are the truth."""

from celery import shared_task
from celery.utils.log import get_task_logger

from events import nudge, relay
from events.lanes import Lane
from events.pruning import prune_all

logger = get_task_logger(__name__)


@shared_task(name="events.drain_lane", acks_late=True, reject_on_worker_lost=True)
def drain_lane(lane: int, **_later: object) -> None:
    """Do the due work of a lane; any number may run at once."""
    relay.drain_lane(Lane(lane))


@shared_task(name="events.sweep")
def sweep(**_later: object) -> None:
    """Find due rows nobody was told of: lost nudges, retries, scheduled turns, expired leases."""
    for lane in relay.lanes_with_due_work():
        try:
            nudge.publish(lane)
        except Exception:  # noqa: BLE001  a broker that fails now is asked again by the next sweep
            logger.warning("sweep could not publish")


@shared_task(name="events.prune")
def prune(**_later: object) -> None:
    """Remove what is past its retention, in batches."""
    prune_all()
