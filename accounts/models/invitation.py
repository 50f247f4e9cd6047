"""An invitation by email to a place in a business."""

import datetime as dt

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models.business import Business, Role
from accounts.models.user import User
from common.ids import PublicIdField


class Invitation(models.Model):
    """Whoever proves the address may take the role, once and in time.

    `token_hash` is all that is kept of the link; `nonce` changes with each sending, which ends
    the link before.
    """

    class Status(models.TextChoices):
        """Only an open one can be accepted; past its time it says so without being changed."""

        OPEN = "open", _("open")
        ACCEPTED = "accepted", _("accepted")
        CANCELED = "canceled", _("canceled")
        EXPIRED = "expired", _("expired")

    public_id = PublicIdField(prefix="inv")
    business = models.ForeignKey(Business, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("email"), max_length=254)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    nonce = models.CharField(max_length=64, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("invited by")
    )
    accepted_by = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("accepted by"),
    )
    created_at = models.DateTimeField(_("invited"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"))
    expires_at = models.DateTimeField(_("expires"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        """One open invitation per business and address."""

        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                "business",
                Lower("email"),
                name="invitation_open_unique",
                condition=models.Q(status="open"),
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="invitation_role_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status="open", ended_at__isnull=True)
                | (~models.Q(status="open") & models.Q(ended_at__isnull=False)),
                name="invitation_end_paired",
            ),
        ]

    def __str__(self) -> str:
        """Show whom, as what and where."""
        return f"{self.email} ({self.get_role_display()}, {self.business})"

    def status_at(self, now: dt.datetime) -> Status:
        """Return the status, where an open one past its time counts as expired."""
        status = self.Status(self.status)
        is_over = status is self.Status.OPEN and self.expires_at <= now
        return self.Status.EXPIRED if is_over else status
