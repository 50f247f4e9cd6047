"""Requests about one's own data: archives being made, and the record of erasures."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from common.ids import PublicIdField
from events.models import Work


class PersonalExport(Work):
    """An archive of somebody's data: made by the relay, encrypted at rest, gone after two days."""

    public_id = PublicIdField(prefix="exp")
    user = models.ForeignKey(User, models.CASCADE, related_name="personal_exports")
    body = models.BinaryField(null=True, editable=False)
    size = models.PositiveIntegerField(default=0, db_default=0)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta(Work.Meta):
        """One at a time for a person."""

        verbose_name = _("data export")
        verbose_name_plural = _("data exports")
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                name="personalexport_one_open",
                condition=models.Q(state=0),
            )
        ]

    def __str__(self) -> str:
        """Show the id."""
        return self.public_id


class Erasure(models.Model):
    """That somebody's data was erased; ids only, so that it can be done again after a restore.

    `files` are paths still to be deleted from the storage.
    """

    public_id = PublicIdField(prefix="era")
    subjects = models.JSONField(default=list)
    actor = models.TextField()
    row_count = models.PositiveIntegerField(default=0)
    files = models.JSONField(default=list)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        """Named for the admin."""

        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")

    def __str__(self) -> str:
        """Show the id."""
        return self.public_id
