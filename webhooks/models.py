"""Notices as they arrived, kept until processed and some days longer."""

import json
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.ids import PublicIdField
from common.logging import redact
from events.models import Work


class InboundEvent(Work):
    """One distinct notice of a provider account. Repeats only raise a counter.

    The first content stored under an id is the one that counts; another under the same id is
    flagged and has no effect.
    """

    public_id = PublicIdField(prefix="inb")
    provider = models.TextField(_("gateway"))
    endpoint_id = models.TextField(_("endpoint"), blank=True)
    account = models.TextField(_("account"))
    business = models.TextField(_("business"), blank=True)
    event_id = models.TextField(_("notice id"))
    type = models.TextField(_("type"))
    body = models.BinaryField(editable=False)
    content_hash = models.BinaryField(editable=False)
    address = models.GenericIPAddressField(_("sent from"), null=True)
    received_at = models.DateTimeField(_("received"), db_default=Now())
    duplicates = models.PositiveIntegerField(_("repeats"), default=0, db_default=0)
    has_conflict = models.BooleanField(_("other content"), default=False, db_default=False)
    outcome = models.TextField(_("outcome"), default="", db_default="", blank=True)

    class Meta(Work.Meta):
        """The unique key is what makes a repeat harmless."""

        verbose_name = _("inbound notice")
        verbose_name_plural = _("inbound notices")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "account", "event_id"], name="inboundevent_unique"
            )
        ]

    def __str__(self) -> str:
        """Show gateway, type and the provider's id."""
        return f"{self.provider} {self.type} {self.event_id}"

    @property
    def payload(self) -> dict[str, Any]:
        """Return the JSON body; raises ValueError when it is none."""
        value = json.loads(bytes(self.body))
        if not isinstance(value, dict):
            raise ValueError("not a JSON object")  # noqa: TRY004  a malformed text, not a wrong argument
        return value

    @property
    def redacted_payload(self) -> Any:
        """Return the body for people: without secrets and personal data."""
        try:
            return redact(self.payload)
        except ValueError:
            return redact(bytes(self.body).decode(errors="replace"))
