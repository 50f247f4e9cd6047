"""One attempt to collect money for a payable."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Business, Contact
from common.fields import EncryptedTextField
from common.ids import PublicIdField
from common.money import Money
from payments.models.account import GatewayAccount
from payments.states import OPEN_PAYMENT


class Payment(models.Model):
    """Money asked for, and what became of it.

    The row is committed before the provider is called; its `idempotency_key` goes with every try
    of that call. What was captured and refunded is the sum of ledger entries, kept here as well
    under the row's lock so that the database can hold one against the other.
    """

    class Status(models.TextChoices):
        """The steps are in payments.states."""

        CREATED = "created", _("created")
        SUBMITTING = "submitting", _("being checked")
        PENDING = "pending", _("waiting for payment")
        REQUIRES_ACTION = "requires_action", _("waiting for authentication")
        PROCESSING = "processing", _("processing")
        SUCCEEDED = "succeeded", _("paid")
        FAILED = "failed", _("failed")
        CANCELED = "canceled", _("canceled")
        EXPIRED = "expired", _("expired")

    class Purpose(models.TextChoices):
        """What part of the price this is."""

        DEPOSIT = "deposit", _("deposit")
        BALANCE = "balance", _("balance")
        FULL = "full", _("full amount")

    class Flow(models.TextChoices):
        """Where the customer pays: on our page, or on the provider's."""

        EMBEDDED = "embedded", _("on the page")
        HOSTED = "hosted", _("at the provider")

    public_id = PublicIdField(prefix="pay")
    business = models.ForeignKey(Business, models.PROTECT, related_name="payments")
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="payments"
    )
    gateway_account = models.ForeignKey(GatewayAccount, models.PROTECT, related_name="payments")
    payable_type = models.CharField(_("paid for"), max_length=32)
    payable_id = models.CharField(_("object"), max_length=40)
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose)
    flow = models.CharField(_("paid at"), max_length=16, choices=Flow)
    amount_minor = models.BigIntegerField(_("amount (minor units)"))
    captured_minor = models.BigIntegerField(_("received (minor units)"), default=0)
    refunded_minor = models.BigIntegerField(_("refunded (minor units)"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    description = models.CharField(_("description"), max_length=250, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.CREATED)
    idempotency_key = models.CharField(max_length=80, unique=True, editable=False)
    provider_id = models.CharField(_("gateway's payment"), max_length=255, blank=True)
    provider_session_id = models.CharField(_("gateway's session"), max_length=255, blank=True)
    client_secret = EncryptedTextField(blank=True, default="", editable=False)
    checkout_url = models.TextField(blank=True, default="", editable=False)
    return_url = models.TextField(blank=True, default="", editable=False)
    failure_code = models.CharField(_("reason of failure"), max_length=80, blank=True)
    uncertain_since = models.DateTimeField(_("being checked since"), null=True, blank=True)
    review_reason = models.CharField(_("reason of review"), max_length=32, blank=True)
    review_detail = models.JSONField(default=dict, blank=True)
    review_opened_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(_("to be paid by"), null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    succeeded_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    version = models.PositiveIntegerField(default=1)

    class Meta:
        """Integrity the code may not break: one open attempt, sane sums, known states."""

        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(
                fields=["payable_type", "payable_id", "purpose"],
                name="payment_open_unique",
                condition=models.Q(status__in=sorted(OPEN_PAYMENT)),
            ),
            models.UniqueConstraint(
                fields=["gateway_account", "provider_id"],
                name="payment_provider_unique",
                condition=~models.Q(provider_id=""),
            ),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="payment_amount_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(refunded_minor__gte=0)
                & models.Q(refunded_minor__lte=models.F("captured_minor")),
                name="payment_refunds_within_captured",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=[
                        "created",
                        "submitting",
                        "pending",
                        "requires_action",
                        "processing",
                        "succeeded",
                        "failed",
                        "canceled",
                        "expired",
                    ]
                ),
                name="payment_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(purpose__in=["deposit", "balance", "full"]),
                name="payment_purpose_known",
            ),
            models.CheckConstraint(
                condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="payment_currency_code"
            ),
            models.CheckConstraint(
                condition=models.Q(status="succeeded", succeeded_at__isnull=False)
                | (~models.Q(status="succeeded") & models.Q(succeeded_at__isnull=True)),
                name="payment_succeeded_paired",
            ),
            models.CheckConstraint(
                condition=models.Q(review_reason="", review_opened_at__isnull=True)
                | (~models.Q(review_reason="") & models.Q(review_opened_at__isnull=False)),
                name="payment_review_paired",
            ),
        ]
        indexes = [
            models.Index(fields=["payable_type", "payable_id"], name="payment_payable"),
            models.Index(fields=["business", "-id"], name="payment_business"),
            models.Index(fields=["contact", "-id"], name="payment_contact"),
            models.Index(
                fields=["id"],
                name="payment_open",
                condition=models.Q(status__in=sorted(OPEN_PAYMENT)),
            ),
            models.Index(fields=["ended_at"], name="payment_ended"),
            models.Index(fields=["provider_session_id"], name="payment_session"),
        ]

    def __str__(self) -> str:
        """Show id, amount and status."""
        return f"{self.public_id} {self.money.display()} {self.get_status_display()}"

    @property
    def money(self) -> Money:
        """Return the amount asked for."""
        return Money(self.amount_minor, self.currency)

    @property
    def is_open(self) -> bool:
        """Say whether the customer may still pay."""
        return self.status in OPEN_PAYMENT

    @property
    def is_in_review(self) -> bool:
        """Say whether a person must look before anything else happens."""
        return bool(self.review_reason)

    @property
    def is_being_checked(self) -> bool:
        """Say whether the provider has yet to tell what happened."""
        return self.is_open and self.uncertain_since is not None

    @property
    def refundable(self) -> Money:
        """Return what may still be refunded, as far as finished refunds tell."""
        return Money(self.captured_minor - self.refunded_minor, self.currency)
