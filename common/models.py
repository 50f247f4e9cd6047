"""The record of answers already given under an idempotency key."""

from django.db import models
from django.db.models.functions import Now


class IdempotencyRecord(models.Model):
    """One request a principal named by a key: being carried out, or answered.

    `status` is NULL while the request runs; its lease then says until when it is believed alive,
    and `holder` which run owns it. The stored answer is encrypted, as it may carry a link's token.
    """

    principal = models.TextField()
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    holder = models.CharField(max_length=32)
    lease_until = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """One record a principal and key; pruned by age."""

        constraints = [
            models.UniqueConstraint(fields=["principal", "key"], name="idempotency_unique"),
            models.CheckConstraint(
                condition=models.Q(status__isnull=True, body__isnull=True)
                | models.Q(status__isnull=False, body__isnull=False),
                name="idempotency_answer_whole",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_created")]

    def __str__(self) -> str:
        """Show the key; the principal stays unsaid."""
        return self.key
