"""Where an account is signed in: a browser or an app, one row for each session."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from common.ids import PublicIdField


class Device(models.Model):
    """A signed-in browser or app. Ending the row ends its session, and its tokens with it.

    Ended rows stay for a while: they tell a known device from a new one.
    """

    class Kind(models.TextChoices):
        """What signed in."""

        BROWSER = "browser", _("browser")
        APP = "app", _("app")

    public_id = PublicIdField(prefix="dev")
    user = models.ForeignKey(User, models.CASCADE, related_name="devices")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    # NULL once ended. No foreign key: sessions end by themselves, and may live elsewhere.
    session_key = models.CharField(
        max_length=40, null=True, blank=True, unique=True, editable=False
    )
    # SHA-256 of the random id the browser keeps in a cookie, or the app sends in X-Client-Id.
    client_digest = models.CharField(max_length=64, blank=True, editable=False)
    address = models.GenericIPAddressField(_("network address"), null=True, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    user_agent = models.CharField(_("program"), max_length=300, blank=True)
    # The one refresh token that counts; each use replaces it, an older one ends the device.
    refresh_id = models.CharField(max_length=40, blank=True, editable=False)
    created_at = models.DateTimeField(_("signed in"), db_default=Now())
    last_seen_at = models.DateTimeField(_("last seen"), db_default=Now())
    ended_at = models.DateTimeField(_("signed out"), null=True, blank=True)

    class Meta:
        """A live device has a session; read by user."""

        verbose_name = _("device")
        verbose_name_plural = _("devices")
        indexes = [models.Index(fields=["user", "client_digest"], name="device_known")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(session_key__isnull=True),
                name="device_ended_has_no_session",
            )
        ]

    def __str__(self) -> str:
        """Show program and address."""
        return f"{self.user_agent} ({self.address})"
