"""Append-only records: who did what, the seal of each day of it, what threatened security."""

from django.db import models
from django.db.models.functions import Now


class AuditEntry(models.Model):
    """Who did what to which object, from where, and why. The database refuses changes.

    `personal` holds what names or places a person: network address, browser, personal values
    before and after. It alone can be emptied, when the person is erased or 90 days have passed.
    """

    at = models.DateTimeField(db_default=Now())
    actor = models.TextField()
    business = models.TextField(blank=True)
    action = models.TextField()
    subject = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    request_id = models.TextField(blank=True)
    personal = models.JSONField(null=True, blank=True)

    class Meta:
        """Read by object and by business, newest first."""

        verbose_name = "audit entry"
        verbose_name_plural = "audit log"
        indexes = [
            models.Index(fields=["subject", "-id"], name="audit_subject"),
            models.Index(fields=["business", "-id"], name="audit_business"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        """Show the act and its object."""
        return f"{self.action} {self.subject}"


class AuditDigest(models.Model):
    """The seal of one UTC day of the audit log; the database refuses changes.

    `digest` covers the day's rows and the seal of the day before. `row_hashes` holds 8 bytes of
    key and 16 of hash for each row, so that a changed row can be named.
    """

    day = models.DateField(unique=True)
    row_count = models.PositiveIntegerField()
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    row_hashes = models.BinaryField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Named for the admin."""

        verbose_name = "audit seal"
        verbose_name_plural = "audit seals"

    def __str__(self) -> str:
        """Show the day."""
        return str(self.day)


class SecurityEntry(models.Model):
    """A refused or suspicious act: a forged or replayed notice, a failed sign-in."""

    class Severity(models.TextChoices):
        """How soon somebody should look."""

        INFO = "info"
        WARNING = "warning"
        ALERT = "alert"

    at = models.DateTimeField(db_default=Now())
    kind = models.TextField()
    severity = models.CharField(max_length=8, choices=Severity, default=Severity.WARNING)
    subject = models.TextField(blank=True)
    business = models.TextField(blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    detail = models.JSONField(default=dict, blank=True)
    request_id = models.TextField(blank=True)
    # What makes a second entry of the same matter the same entry; NULL: each is its own.
    once_key = models.TextField(null=True, blank=True, unique=True)

    class Meta:
        """Read by kind and time."""

        verbose_name = "security entry"
        verbose_name_plural = "security log"
        indexes = [
            models.Index(fields=["kind", "-id"], name="security_kind"),
            models.Index(fields=["at"], name="security_at"),
        ]

    def __str__(self) -> str:
        """Show the kind and its object."""
        return f"{self.kind} {self.subject}"
