"""Money on its way back to the customer."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.ids import PublicIdField
from common.money import Money
from payments.models.payment import Payment


class Refund(models.Model):
    """One refund of a payment. `request_id` names the wish, so that repeating it adds nothing."""

    class Status(models.TextChoices):
        """The steps are in payments.states."""

        REQUESTED = "requested", pgettext_lazy("refund", "requested")
        SUBMITTED = "submitted", _("being checked")
        PENDING = "pending", _("on its way")
        REQUIRES_ACTION = "requires_action", _("waiting for the customer")
        SUCCEEDED = "succeeded", _("refunded")
        FAILED = "failed", _("failed")
        CANCELED = "canceled", _("canceled")

    public_id = PublicIdField(prefix="rfn")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    request_id = models.CharField(max_length=80, editable=False)
    amount_minor = models.BigIntegerField(_("amount (minor units)"))
    currency = models.CharField(_("currency"), max_length=3)
    reason = models.CharField(_("reason"), max_length=200)
    requested_by = models.CharField(_("requested by"), max_length=60, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.REQUESTED)
    provider_id = models.CharField(_("gateway's refund"), max_length=255, blank=True)
    failure_code = models.CharField(_("reason of failure"), max_length=80, blank=True)
    requested_at = models.DateTimeField(pgettext_lazy("refund", "requested"), db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        """One row a wish; sums are held against the payment under its lock."""

        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.UniqueConstraint(fields=["payment", "request_id"], name="refund_request_unique"),
            models.UniqueConstraint(
                fields=["payment", "provider_id"],
                name="refund_provider_unique",
                condition=~models.Q(provider_id=""),
            ),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="refund_amount_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=[
                        "requested",
                        "submitted",
                        "pending",
                        "requires_action",
                        "succeeded",
                        "failed",
                        "canceled",
                    ]
                ),
                name="refund_status_known",
            ),
        ]

    def __str__(self) -> str:
        """Show id, amount and status."""
        return f"{self.public_id} {self.money.display()} {self.get_status_display()}"

    @property
    def money(self) -> Money:
        """Return the amount to go back."""
        return Money(self.amount_minor, self.currency)
