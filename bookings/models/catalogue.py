"""Services, their tiers and the tasks a booking brings."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bookings.availability import Fit
from bookings.models.calendars import Calendar
from common.ids import PublicIdField
from common.money import Money

_WEEK_MINUTES = 7 * 24 * 60


class Service(models.Model):
    """Something a business does for a customer at a time."""

    public_id = PublicIdField(prefix="svc")
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="services")
    slug = models.SlugField(_("address"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    summary = models.CharField(_("one line"), max_length=160, blank=True)
    description = models.TextField(_("description"), blank=True)
    image = models.ImageField(_("picture"), upload_to="services/", blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("offered"), default=True)
    performers: "models.ManyToManyField[Calendar, Any]" = models.ManyToManyField(
        Calendar,
        related_name="services",
        blank=True,
        verbose_name=_("performed by"),
        help_text=_("One of these is booked."),
    )
    needs: "models.ManyToManyField[Calendar, Any]" = models.ManyToManyField(
        Calendar,
        related_name="needed_by",
        blank=True,
        verbose_name=_("also needs"),
        help_text=_("All of these are booked too, such as the only treatment room."),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Addresses are unique within a business."""

        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["business", "slug"], name="service_slug_unique")
        ]

    def __str__(self) -> str:
        """Show the name."""
        return self.name


class Tier(models.Model):
    """One way to buy a service: a price, a length and the rules of its booking."""

    class Deposit(models.TextChoices):
        """What is paid when booking."""

        NONE = "none", _("nothing")
        AMOUNT = "amount", _("an amount")
        PERCENT = "percent", _("a share of the price")

    public_id = PublicIdField(prefix="tir")
    service = models.ForeignKey(Service, models.CASCADE, related_name="tiers")
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("what is included"), max_length=250, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("offered"), default=True)
    price_minor = models.PositiveBigIntegerField(_("price"), default=0)
    deposit_kind = models.CharField(
        _("paid when booking"), max_length=8, choices=Deposit, default=Deposit.NONE
    )
    deposit_minor = models.PositiveBigIntegerField(_("deposit amount"), default=0)
    deposit_percent = models.PositiveSmallIntegerField(
        _("deposit share"), default=0, validators=[MaxValueValidator(100)]
    )
    duration_minutes = models.PositiveIntegerField(
        _("minutes"), validators=[MinValueValidator(1), MaxValueValidator(_WEEK_MINUTES)]
    )
    buffer_before_minutes = models.PositiveSmallIntegerField(
        _("minutes kept free before"), default=0, validators=[MaxValueValidator(1440)]
    )
    buffer_after_minutes = models.PositiveSmallIntegerField(
        _("minutes kept free after"), default=0, validators=[MaxValueValidator(1440)]
    )
    step_minutes = models.PositiveSmallIntegerField(
        _("minutes between offered starts"), default=30, validators=[MinValueValidator(1)]
    )
    notice_minutes = models.PositiveIntegerField(_("shortest notice in minutes"), default=0)
    horizon_days = models.PositiveSmallIntegerField(
        _("bookable days ahead"), default=60, validators=[MaxValueValidator(730)]
    )
    seats = models.PositiveSmallIntegerField(
        _("seats"), default=1, validators=[MinValueValidator(1)]
    )
    needs_approval = models.BooleanField(_("each booking is approved by staff"), default=False)

    class Meta:
        """Numbers that cannot be booked are refused by the database too."""

        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(duration_minutes__range=(1, _WEEK_MINUTES), step_minutes__gte=1),
                name="tier_duration_and_step",
            ),
            models.CheckConstraint(condition=Q(seats__gte=1), name="tier_seats_positive"),
            models.CheckConstraint(
                condition=Q(deposit_percent__lte=100, deposit_minor__lte=F("price_minor")),
                name="tier_deposit_within_price",
            ),
        ]

    def __str__(self) -> str:
        """Show service and tier."""
        return f"{self.service}: {self.name}"

    @property
    def price(self) -> Money:
        """Return the price in the business's currency."""
        return Money(self.price_minor, self.service.business.currency)

    @property
    def deposit(self) -> Money:
        """Return what is due when booking."""
        if self.deposit_kind == self.Deposit.PERCENT:
            return self.price.percent(self.deposit_percent)
        is_amount = self.deposit_kind == self.Deposit.AMOUNT
        return Money(self.deposit_minor if is_amount else 0, self.service.business.currency)

    @property
    def fit(self) -> Fit:
        """Return what the slot search needs to know."""
        return Fit(
            duration=self.duration_minutes * 60,
            step=self.step_minutes * 60,
            buffer_before=self.buffer_before_minutes * 60,
            buffer_after=self.buffer_after_minutes * 60,
            notice=self.notice_minutes * 60,
            horizon_days=self.horizon_days,
        )


class TaskTemplate(models.Model):
    """A task every confirmed booking of the service brings."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="task_templates")
    title = models.CharField(_("task"), max_length=160)
    offset_minutes = models.IntegerField(
        _("due minutes after the start"), default=0, help_text=_("Negative: before the start.")
    )
    role = models.CharField(
        _("role"),
        max_length=60,
        blank=True,
        help_text=_("Who should do it; empty: the person booked."),
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        """In the order the business gave."""

        verbose_name = _("task template")
        verbose_name_plural = _("task templates")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        """Show the task."""
        return self.title
