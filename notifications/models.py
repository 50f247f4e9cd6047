"""What is to be told to whom, the feed people read, and where a business is told.

A Notification is one message to one recipient over one channel; its `state` is the work's, its
`status` what became of the message. Only delivery.py changes either.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.fields import EncryptedTextField
from common.ids import PublicIdField
from events.models import Work


class Notification(Work):
    """A message about an event. The same event, topic, recipient and channel is one row."""

    class Status(models.TextChoices):
        """Sent, failed, suppressed, expired and unknown are ends."""

        QUEUED = "queued", _("queued")
        SENDING = "sending", _("sending")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        SUPPRESSED = "suppressed", _("suppressed")
        EXPIRED = "expired", _("expired")
        UNKNOWN = "unknown", _("unknown")

    public_id = PublicIdField(prefix="ntf")
    business = models.ForeignKey(
        "accounts.Business",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="notifications",
        verbose_name=_("business"),
    )
    event_id = models.CharField(_("event"), max_length=40)
    event_type = models.CharField(_("event type"), max_length=80)
    subject = models.CharField(_("object"), max_length=40)
    topic = models.CharField(_("topic"), max_length=60)
    audience = models.CharField(_("audience"), max_length=20)
    recipient = models.CharField(_("recipient"), max_length=40)
    channel = models.CharField(_("channel"), max_length=20)
    status = models.CharField(
        _("status"), max_length=12, choices=Status, default=Status.QUEUED, db_default="queued"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="", db_default="")
    title = models.CharField(_("title"), max_length=250, blank=True, default="", db_default="")
    body = models.TextField(_("text"), blank=True, default="", db_default="")
    provider_id = models.CharField(
        _("provider's id"), max_length=250, blank=True, default="", db_default=""
    )
    is_repeated = models.BooleanField(default=False, db_default=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta(Work.Meta):
        """The unique key makes a second trigger harmless."""

        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(
                fields=["event_id", "topic", "recipient", "channel"], name="notification_once"
            ),
            models.CheckConstraint(
                condition=~Q(status="sent") | Q(sent_at__isnull=False),
                name="notification_sent_paired",
            ),
        ]
        indexes = [
            *Work.Meta.indexes,
            models.Index(fields=["business", "-id"], name="notification_business"),
            models.Index("subject", "id", name="notification_subject"),
        ]

    def __str__(self) -> str:
        """Name topic, channel and recipient."""
        return f"{self.topic} · {self.channel} · {self.recipient}"


class FeedItem(models.Model):
    """A line in somebody's feed. Seen: the list was opened; read: this line was."""

    public_id = PublicIdField(prefix="fed")
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="feed_items")
    business = models.ForeignKey(
        "accounts.Business", models.CASCADE, null=True, blank=True, related_name="+"
    )
    notification_id = models.CharField(max_length=40, unique=True, editable=False)
    topic = models.CharField(max_length=60)
    subject = models.CharField(max_length=40)
    title = models.CharField(_("title"), max_length=250)
    body = models.TextField(_("text"), blank=True)
    url = models.CharField(_("link"), max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Read newest first; unread lines are counted from a small index."""

        verbose_name = _("feed entry")
        verbose_name_plural = _("feed entries")
        indexes = [
            models.Index(fields=["user", "-id"], name="feeditem_user"),
            models.Index("user", name="feeditem_unread", condition=Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        """Show the title."""
        return self.title


class BusinessChannel(models.Model):
    """An address without a person where a business is told, such as a Discord channel's webhook."""

    class Kind(models.TextChoices):
        """One kind a transport."""

        DISCORD = "discord", _("Discord webhook")

    public_id = PublicIdField(prefix="chn")
    business = models.ForeignKey(
        "accounts.Business", models.CASCADE, related_name="notification_channels"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    name = models.CharField(_("name"), max_length=80)
    address = EncryptedTextField(_("webhook address"))
    is_active = models.BooleanField(_("active"), default=True)
    disabled_at = models.DateTimeField(_("disabled"), null=True, blank=True)
    disabled_reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Named for the admin."""

        verbose_name = _("notification channel")
        verbose_name_plural = _("notification channels")
        constraints = [
            models.UniqueConstraint(fields=["business", "kind", "name"], name="channel_name_unique")
        ]

    def __str__(self) -> str:
        """Show the name."""
        return self.name
