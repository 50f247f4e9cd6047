"""The books of the sandbox, which plays a provider inside this program."""

import secrets
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from events.models import Work


def new_token() -> str:
    """Return the unguessable last part of a hosted page's address."""
    return secrets.token_urlsafe(24)


class SandboxCharge(models.Model):
    """A payment as the sandbox sees it: it knows an account, an amount and where to answer."""

    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    account = models.CharField(_("account"), max_length=64)
    reference = models.CharField(_("merchant's reference"), max_length=64)
    idempotency_key = models.CharField(max_length=120)
    amount_minor = models.BigIntegerField(_("amount (minor units)"))
    currency = models.CharField(_("currency"), max_length=3)
    description = models.CharField(max_length=250, blank=True)
    status = models.CharField(_("status"), max_length=16, default="open")
    answer = models.CharField(_("chosen answer"), max_length=16, blank=True)
    notify_url = models.TextField()
    return_url = models.TextField(blank=True)
    refunds = models.JSONField(default=dict, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """The same key asks for the same charge."""

        verbose_name = _("sandbox payment")
        verbose_name_plural = _("sandbox payments")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "idempotency_key"], name="sandboxcharge_key_unique"
            )
        ]

    def __str__(self) -> str:
        """Show reference and status."""
        return f"{self.reference} {self.status}"

    @property
    def provider_id(self) -> str:
        """Return the sandbox's own id of the charge."""
        return f"sbx_{self.token}"


class SandboxDelivery(Work):
    """A notice the sandbox owes to the merchant; sent by real HTTP, retried like any work."""

    url = models.TextField()
    event_id = models.CharField(max_length=64)
    account = models.CharField(max_length=64)
    body: models.TextField[Any, Any] = models.TextField()

    class Meta(Work.Meta):
        """Inherits the claim's indexes."""

        verbose_name = _("sandbox notice")
        verbose_name_plural = _("sandbox notices")

    def __str__(self) -> str:
        """Show the notice's id."""
        return self.event_id
