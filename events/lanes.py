"""The three lanes of work, each a queue of its own."""

from django.conf import settings
from django.db import models


class Lane(models.IntegerChoices):
    """Critical: money and time held. Default: what people wait for. Bulk: what may lag."""

    CRITICAL = 0, "critical"
    DEFAULT = 1, "default"
    BULK = 2, "bulk"


def lease_seconds(lane: Lane) -> int:
    """Return how long a claimed row of the lane stays with its claimer.

    A task is killed at four fifths of it, so a row never runs in two places at once.
    """
    return int(settings.WORK_LEASE_SECONDS[lane.label])
