"""The key by which a business's own programs call the API."""

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.business import Business
from accounts.models.user import User
from common.ids import PublicIdField


class ApiKey(models.Model):
    """What is kept of a key: never the key itself, only its SHA-256, first and last characters.

    A rotated key lives on until `retires_at` beside the one that replaces it.
    """

    class Kind(models.TextChoices):
        """A test key moves no real money."""

        LIVE = "live", _("live")
        TEST = "test", _("test")

    class State(models.TextChoices):
        """What a key is worth now."""

        ACTIVE = "active", _("active")
        RETIRING = "retiring", _("being replaced")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("revoked")

    public_id = PublicIdField(prefix="key")
    business = models.ForeignKey(Business, models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(_("begins with"), max_length=16, editable=False)
    last4 = models.CharField(_("ends with"), max_length=4, editable=False)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("made"), db_default=Now())
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    retires_at = models.DateTimeField(_("replaced; lives until"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last use"), null=True, blank=True)
    # Unique, so a key is rotated once: two rotations at a time cannot both stand.
    replaces = models.OneToOneField(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaced_by"
    )
    # Names one press of the button that makes a key, so that a second press makes no second key.
    request_id = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)

    class Meta:
        """Listed by business, newest first."""

        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["live", "test"]), name="apikey_kind_known")
        ]

    def __str__(self) -> str:
        """Show the name and the ends of the key."""
        return f"{self.name} ({self.shown})"

    @property
    def shown(self) -> str:
        """Return the key with its middle left out."""
        return f"{self.prefix}…{self.last4}"

    @property
    def ends_at(self) -> dt.datetime | None:
        """Return the earlier of expiry and retirement, aware UTC; None for a key without end."""
        return min((at for at in (self.expires_at, self.retires_at) if at), default=None)

    def state_at(self, now: dt.datetime) -> State:
        """Return what the key is worth at an aware instant."""
        if self.revoked_at is not None:
            return self.State.REVOKED
        if self.ends_at is not None and self.ends_at <= now:
            return self.State.EXPIRED
        return self.State.RETIRING if self.retires_at is not None else self.State.ACTIVE
