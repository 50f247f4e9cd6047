"""A lead and what was said with it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.ids import PublicIdField


class Lead(models.Model):
    """An enquiry of a customer to a business, followed up until it is won or lost."""

    class Stage(models.TextChoices):
        """Where the follow-up stands."""

        OPEN = "open", _("open")
        WORKING = "working", _("in conversation")
        WON = "won", _("won")
        LOST = "lost", _("lost")

    personal_fields = ("message", "lost_reason")

    public_id = PublicIdField(prefix="led")
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="leads")
    contact = models.ForeignKey("accounts.Contact", models.PROTECT, related_name="leads")
    message = models.TextField(_("message"), max_length=4000)
    source = models.CharField(_("source"), max_length=40, default="site")
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.OPEN)
    lost_reason = models.CharField(_("why it was lost"), max_length=200, blank=True)
    assigned_to = models.ForeignKey(
        "accounts.Membership",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name=_("assigned to"),
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Listed per business, newest first; a lost lead says why."""

        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        indexes = [models.Index(fields=["business", "-id"], name="lead_business")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(stage="lost") | ~models.Q(lost_reason=""),
                name="lead_lost_has_reason",
            )
        ]

    def __str__(self) -> str:
        """Show who asked."""
        return str(self.contact)


class Communication(models.Model):
    """One message or call with a lead; never changed afterwards."""

    class Direction(models.TextChoices):
        """Who spoke."""

        INCOMING = "incoming", _("incoming")
        OUTGOING = "outgoing", _("outgoing")

    class Channel(models.TextChoices):
        """By what means."""

        SITE = "site", _("site")
        EMAIL = "email", _("email")
        PHONE = "phone", _("phone")
        IN_PERSON = "in_person", _("in person")

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="communications")
    direction = models.CharField(max_length=8, choices=Direction)
    channel = models.CharField(max_length=10, choices=Channel)
    body = models.TextField(_("what was said"), max_length=4000)
    author = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """In order of time."""

        verbose_name = _("communication")
        verbose_name_plural = _("communications")
        ordering = ["id"]

    def __str__(self) -> str:
        """Show direction and channel."""
        return f"{self.direction} {self.channel}"
