"""Calendars and their opening hours. Wall-clock times are in the business's zone."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.ids import PublicIdField


class Calendar(models.Model):
    """The time of one person in one business, or of one resource such as a room.

    `capacity` above one is parallel work: so many bookings may run at once. A person's calendars
    in several businesses block one another.
    """

    public_id = PublicIdField(prefix="cal")
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="calendars")
    staff = models.ForeignKey(
        "accounts.Staff",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="calendars",
        help_text=_("Empty for a resource such as a room."),
    )
    name = models.CharField(_("name"), max_length=120)
    capacity = models.PositiveSmallIntegerField(
        _("bookings at the same time"), default=1, validators=[MinValueValidator(1)]
    )
    is_active = models.BooleanField(_("can be booked"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One calendar per person and business."""

        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        constraints = [
            models.UniqueConstraint(
                fields=["business", "staff"],
                name="calendar_staff_unique",
                condition=Q(staff__isnull=False),
            ),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="calendar_capacity_positive"),
        ]

    def __str__(self) -> str:
        """Show the name."""
        return self.name


class _Hours(models.Model):
    """Wall-clock times: an end at or before the start runs into the next date, as 00:00 does."""

    start_time = models.TimeField(_("from"))
    end_time = models.TimeField(
        _("to"), help_text=_("At or before the start: runs into the next day; 00:00 is midnight.")
    )

    class Meta:
        abstract = True


class WeeklyRule(_Hours):
    """One opening of every week. A calendar with rules of its own does not use the business's."""

    class Weekday(models.IntegerChoices):
        """Numbered as Python numbers them."""

        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    public_id = PublicIdField(prefix="rul")
    business = models.ForeignKey("accounts.Business", models.CASCADE, related_name="weekly_rules")
    calendar = models.ForeignKey(
        Calendar, models.CASCADE, null=True, blank=True, related_name="weekly_rules"
    )
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday)

    class Meta:
        """Read by business."""

        verbose_name = _("weekly opening")
        verbose_name_plural = _("weekly openings")
        ordering = ["weekday", "start_time"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="weekly_rule_weekday_known")
        ]

    def __str__(self) -> str:
        """Show day and times."""
        return f"{self.get_weekday_display()} {self.start_time:%H:%M}-{self.end_time:%H:%M}"


class DateOverride(models.Model):
    """Replaces every opening that starts on one date; without times the date is closed.

    Several rows of one date are several openings. A calendar's own rows for a date win over the
    business's.
    """

    public_id = PublicIdField(prefix="ovr")
    business = models.ForeignKey("accounts.Business", models.CASCADE, related_name="overrides")
    calendar = models.ForeignKey(
        Calendar, models.CASCADE, null=True, blank=True, related_name="overrides"
    )
    date = models.DateField(_("date"))
    start_time = models.TimeField(_("from"), null=True, blank=True)
    end_time = models.TimeField(_("to"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=160, blank=True)

    class Meta:
        """Both times or neither."""

        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        ordering = ["date", "start_time"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start_time__isnull=True, end_time__isnull=True)
                | Q(start_time__isnull=False, end_time__isnull=False),
                name="override_times_paired",
            )
        ]
        indexes = [models.Index(fields=["business", "date"], name="override_business_date")]

    def __str__(self) -> str:
        """Show the date and its times."""
        if self.start_time is None or self.end_time is None:
            return f"{self.date} {_('closed')}"
        return f"{self.date} {self.start_time:%H:%M}-{self.end_time:%H:%M}"


class BlockedPeriod(models.Model):
    """Time cut out of the opening hours of a business or of one calendar.

    Either whole local dates (both included) or two instants.
    """

    public_id = PublicIdField(prefix="blk")
    business = models.ForeignKey("accounts.Business", models.CASCADE, related_name="blocks")
    calendar = models.ForeignKey(
        Calendar, models.CASCADE, null=True, blank=True, related_name="blocks"
    )
    first_date = models.DateField(_("first day"), null=True, blank=True)
    last_date = models.DateField(_("last day"), null=True, blank=True)
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("to"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=160, blank=True)

    class Meta:
        """One of the two forms, and never reversed."""

        verbose_name = _("blocked period")
        verbose_name_plural = _("blocked periods")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    first_date__isnull=False,
                    last_date__gte=F("first_date"),
                    starts_at__isnull=True,
                    ends_at__isnull=True,
                )
                | Q(
                    first_date__isnull=True,
                    last_date__isnull=True,
                    starts_at__isnull=False,
                    ends_at__gt=F("starts_at"),
                ),
                name="block_one_form",
            )
        ]

    def __str__(self) -> str:
        """Show the range."""
        if self.first_date is not None:
            return f"{self.first_date} - {self.last_date}"
        return f"{self.starts_at:%Y-%m-%d %H:%M} - {self.ends_at:%Y-%m-%d %H:%M}"
