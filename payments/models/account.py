"""An account at a gateway: the platform's own, or a business's."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Business
from common.fields import EncryptedJSONField
from common.ids import PublicIdField


class GatewayAccount(models.Model):
    """Where a business's money goes. Credentials are encrypted and never leave the process.

    `reference` is the provider's own name of the account, which its notices must carry;
    `endpoint_id` is the last part of the address at which they arrive.
    """

    class Mode(models.TextChoices):
        """Test money and real money never mix."""

        TEST = "test", _("test")
        LIVE = "live", _("live")

    public_id = PublicIdField(prefix="gwa")
    business = models.ForeignKey(
        Business, models.PROTECT, null=True, blank=True, related_name="gateway_accounts"
    )
    gateway = models.CharField(_("gateway"), max_length=32)
    label = models.CharField(_("name"), max_length=80, blank=True)
    mode = models.CharField(_("mode"), max_length=4, choices=Mode)
    reference = models.CharField(_("account at the gateway"), max_length=120, blank=True)
    endpoint_id = PublicIdField(prefix="wep")
    credentials = EncryptedJSONField(default=dict)
    is_active = models.BooleanField(_("in use"), default=True)
    priority = models.PositiveSmallIntegerField(_("order of choice"), default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """One active account of a gateway for each business, and one for the platform."""

        verbose_name = _("gateway account")
        verbose_name_plural = _("gateway accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["business", "gateway"],
                name="gatewayaccount_active_unique",
                condition=models.Q(is_active=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(mode__in=["test", "live"]), name="gatewayaccount_mode_known"
            ),
        ]

    def __str__(self) -> str:
        """Show gateway, name and mode."""
        return " ".join(part for part in (self.gateway, self.label, f"({self.mode})") if part)
