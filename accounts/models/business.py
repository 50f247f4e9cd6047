"""A business and who belongs to it."""

import zoneinfo

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from common.fields import HttpsURLField
from common.ids import PublicIdField


def validate_timezone(value: str) -> None:
    """Refuse anything but an IANA time zone name."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("Choose a time zone such as Asia/Ho_Chi_Minh."))


class Business(models.Model):
    """One independent business with a public page at its slug."""

    # Kept apart in records, where they can be erased; see accounts.auditing.
    personal_fields = ("email", "phone", "address")

    public_id = PublicIdField(prefix="biz")
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    timezone = models.CharField(_("time zone"), max_length=64, validators=[validate_timezone])
    currency = models.CharField(
        _("currency"), max_length=3, validators=[RegexValidator(r"\A[A-Z]{3}\Z")]
    )
    locale = models.CharField(_("language"), max_length=12, default="en")
    tagline = models.CharField(_("one line about you"), max_length=160, blank=True)
    description = models.TextField(_("about"), blank=True)
    email = models.EmailField(_("email"), blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    address = models.CharField(_("street and place"), max_length=250, blank=True)
    website = HttpsURLField(_("website"), blank=True)
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        default="#0f766e",
        validators=[RegexValidator(r"\A#[0-9a-fA-F]{6}\Z")],
    )
    logo = models.ImageField(_("logo"), upload_to="logos/", blank=True)
    is_active = models.BooleanField(_("open to the public"), default=True)
    requires_second_factor = models.BooleanField(
        _("members need a second step at sign-in"),
        default=False,
        db_default=False,
        help_text=_("Members without one are asked to set it up before they can work here."),
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Named for the admin."""

        verbose_name = _("business")
        verbose_name_plural = _("businesses")

    def __str__(self) -> str:
        """Show the name."""
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Return the business's time zone."""
        return zoneinfo.ZoneInfo(self.timezone)


class Role(models.TextChoices):
    """What a member may do in a business; the table of verbs is in accounts.policy."""

    OWNER = "owner", _("owner")
    MANAGER = "manager", _("manager")
    FRONT_DESK = "front_desk", _("front desk")
    FINANCE = "finance", _("finance")
    SUPPORT = "support", _("support")
    DEVELOPER = "developer", _("developer")
    AUDITOR = "auditor", _("auditor")


class Membership(models.Model):
    """A person's place in a business."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    business = models.ForeignKey(Business, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One role per person and business."""

        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["user", "business"], name="membership_unique"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_known"
            ),
        ]

    def __str__(self) -> str:
        """Show person, role and business."""
        return f"{self.user} ({self.get_role_display()}, {self.business})"
