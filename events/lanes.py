"""The three lanes of work, each a queue of its own."""

from django.db import models


class Lane(models.IntegerChoices):
    """Critical: money and time held. Default: what people wait for. Bulk: what may lag."""

    CRITICAL = 0, "critical"
    DEFAULT = 1, "default"
    BULK = 2, "bulk"


# Seconds. A task is killed at 80 % of the lease, so a row never runs in two places at once.
LEASES = {Lane.CRITICAL: 60, Lane.DEFAULT: 60, Lane.BULK: 300}
