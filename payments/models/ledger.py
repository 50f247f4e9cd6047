"""Movements of money, as learned from providers. Append-only: the database refuses changes."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.money import Money
from payments.models.payment import Payment
from payments.models.refund import Refund


class LedgerEntry(models.Model):
    """One movement, told by a provider. Amounts are positive; the kind gives the direction."""

    class Kind(models.TextChoices):
        """In: charge, refund_reversal. Out: refund."""

        CHARGE = "charge", _("payment")
        REFUND = "refund", _("refund")
        REFUND_REVERSAL = "refund_reversal", _("refund returned by the bank")

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="ledger")
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="ledger")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    amount_minor = models.BigIntegerField(_("amount (minor units)"))
    currency = models.CharField(_("currency"), max_length=3)
    provider_reference = models.CharField(_("gateway's reference"), max_length=255)
    at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        """A movement is entered once, whoever tells of it and however often."""

        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger")
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "kind", "provider_reference"], name="ledger_movement_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="ledger_amount_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["charge", "refund", "refund_reversal"]),
                name="ledger_kind_known",
            ),
        ]

    def __str__(self) -> str:
        """Show kind and amount."""
        return f"{self.kind} {Money(self.amount_minor, self.currency).display()}"
