"""The event log and the one kind of work.

Events are append-only facts without foreign keys. `Work` is what every waiting or retrying row
is: reactions here, inbound notices, deliveries and provider calls in the apps above. The relay
reads and writes these tables with its own SQL (relay.py); `lease_until` and `worker` stand in no
index, so a claim changes none.
"""

from typing import Any

from django.db import models
from django.db.models.functions import Now

from common.ids import PublicIdField
from events.lanes import Lane


class XidField(models.Field[str, str]):
    """PostgreSQL's 64-bit transaction id, read as text."""

    def db_type(self, connection: Any) -> str:
        """Return the column type."""
        return "xid8"


class PgCurrentXactId(models.Func):
    """`pg_current_xact_id()`: the id of the top-level transaction, inside savepoints too."""

    function = "PG_CURRENT_XACT_ID"
    output_field = XidField()


class Event(models.Model):
    """A domain fact: what happened, to which object, by whom, when. Never updated."""

    public_id = PublicIdField(prefix="evt")
    xid = XidField(db_default=PgCurrentXactId(), editable=False)
    type = models.TextField()
    business = models.TextField()
    subject = models.TextField()
    actor = models.TextField(default="", blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        """Readers page by (xid, id), by subject and by business."""

        constraints = [models.UniqueConstraint("xid", "id", name="event_cursor")]
        indexes = [
            models.Index("subject", "id", name="event_subject"),
            models.Index("business", "id", name="event_business"),
            models.Index("at", name="event_at"),
        ]

    def __str__(self) -> str:
        """Name the fact and the object."""
        return f"{self.type} {self.subject}"


class Work(models.Model):
    """A row that waits to be done, is retried, and ends done, dead or canceled.

    `key` orders rows: of one key one row runs at a time, in order of recording; NULL means no
    order. `crashes` counts leases that ran out; such a row runs alone, so that it cannot take its
    neighbours with it.
    """

    class State(models.IntegerChoices):
        """Only open rows are ever claimed."""

        OPEN = 0, "open"
        DONE = 1, "done"
        DEAD = 2, "dead"
        CANCELED = 3, "canceled"

    lane = models.PositiveSmallIntegerField(choices=Lane, default=Lane.DEFAULT)
    key = models.TextField(null=True, blank=True)  # noqa: DJ001  NULL is "no order", which '' is not
    state = models.PositiveSmallIntegerField(choices=State, default=State.OPEN, db_default=0)
    due_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    worker = models.TextField(null=True, blank=True, editable=False)  # noqa: DJ001  NULL: unclaimed
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    crashes = models.PositiveSmallIntegerField(default=0, db_default=0)
    last_error = models.TextField(default="", db_default="", blank=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Partial indexes: the cost of a claim is that of the open rows only."""

        abstract = True
        indexes = [
            models.Index("lane", "due_at", "id", name="%(class)s_due", condition=models.Q(state=0)),
            models.Index("key", "id", name="%(class)s_key", condition=models.Q(state=0)),
        ]


class Reaction(Work):
    """One subscriber's turn at one event, or a turn scheduled for later (then without event)."""

    event_id = models.BigIntegerField(null=True, blank=True)
    name = models.TextField()
    subject = models.TextField()
    schedule_key = models.TextField(null=True, blank=True)  # noqa: DJ001  NULL: not scheduled

    class Meta(Work.Meta):
        """A schedule is one open row per reaction, subject and key, which moving updates."""

        constraints = [
            models.UniqueConstraint(
                "name",
                "subject",
                "schedule_key",
                name="reaction_schedule",
                condition=models.Q(state=0, schedule_key__isnull=False),
            )
        ]

    def __str__(self) -> str:
        """Name the reaction and its object."""
        return f"{self.name} {self.subject}"


class WorkFailure(models.Model):
    """One failed attempt at a piece of work; kept apart so that it outlives the row."""

    kind = models.TextField()
    work_id = models.BigIntegerField()
    attempt = models.PositiveSmallIntegerField()
    error = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        """Read by row, pruned by time."""

        indexes = [
            models.Index("kind", "work_id", "id", name="workfailure_row"),
            models.Index("at", name="workfailure_at"),
        ]

    def __str__(self) -> str:
        """Name the row and the attempt."""
        return f"{self.kind} {self.work_id} #{self.attempt}"
