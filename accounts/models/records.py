"""Two append-only records: who did what, and what threatened security."""

from django.db import models
from django.db.models.functions import Now


class AuditEntry(models.Model):
    """Who did what to which object, from where, and why. The database refuses changes."""

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
        ]

    def __str__(self) -> str:
        """Show the act and its object."""
        return f"{self.action} {self.subject}"


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
        indexes = [models.Index(fields=["kind", "-id"], name="security_kind")]

    def __str__(self) -> str:
        """Show the kind and its object."""
        return f"{self.kind} {self.subject}"
