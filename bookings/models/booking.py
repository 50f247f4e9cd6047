"""Bookings and the time they hold.

A status changes only through `bookings.states`; time is held only by Occupancy rows, written by
`bookings.actions`. Lock order: Calendar by ascending id, then Booking.
"""

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from bookings.models.calendars import Calendar
from bookings.models.catalogue import Service, Tier
from common.db import Int8Range, TsTzRange
from common.ids import PublicIdField
from common.money import Money


class Session(models.Model):
    """A group appointment: many bookings of one tier, calendar and start share its time."""

    public_id = PublicIdField(prefix="ses")
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="sessions")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    seats = models.PositiveSmallIntegerField(_("seats"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Its time is guarded by its occupancy rows."""

        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_range"),
            models.CheckConstraint(condition=Q(seats__gte=1), name="session_seats_positive"),
        ]
        indexes = [models.Index(fields=["calendar", "starts_at"], name="session_calendar_start")]

    def __str__(self) -> str:
        """Show tier and start."""
        return f"{self.tier} {self.starts_at:%Y-%m-%d %H:%M}"


class Booking(models.Model):
    """A customer's appointment. Price, deposit and buffers are as they were when it was made."""

    class Status(models.TextChoices):
        """The states; who may follow whom is in `bookings.states`."""

        REQUESTED = "requested", _("requested")
        PENDING = "pending", _("awaiting payment")
        CONFIRMED = "confirmed", _("confirmed")
        EXPIRED = "expired", _("expired")
        CANCELED = "canceled", _("canceled")
        COMPLETED = "completed", _("completed")
        NO_SHOW = "no_show", _("did not come")

    class Channel(models.TextChoices):
        """The door it came through."""

        SITE = "site", _("site")
        WIDGET = "widget", _("widget")
        API = "api", _("API")
        ADMIN = "admin", _("staff")
        LEAD = "lead", _("lead")
        IMPORT = "import", _("import")

    # True only of the object that made the row: whoever holds that one made the booking.
    is_new = False
    personal_fields = ("customer_note", "staff_note", "cancel_reason")

    public_id = PublicIdField(prefix="bkg")
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="bookings")
    contact = models.ForeignKey("accounts.Contact", models.PROTECT, related_name="bookings")
    service = models.ForeignKey(Service, models.PROTECT, related_name="bookings")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="bookings")
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="bookings")
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="bookings"
    )
    seats = models.PositiveSmallIntegerField(_("seats"), default=1)
    status = models.CharField(_("status"), max_length=10, choices=Status)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    buffer_before_minutes = models.PositiveSmallIntegerField(default=0)
    buffer_after_minutes = models.PositiveSmallIntegerField(default=0)
    currency = models.CharField(max_length=3)
    price_minor = models.PositiveBigIntegerField(_("price"))
    deposit_minor = models.PositiveBigIntegerField(_("due when booking"), default=0)
    paid_minor = models.PositiveBigIntegerField(_("paid"), default=0)
    refunded_minor = models.PositiveBigIntegerField(_("refunded"), default=0)
    hold_expires_at = models.DateTimeField(_("held until"), null=True, blank=True)
    channel = models.CharField(
        _("made through"), max_length=8, choices=Channel, default=Channel.SITE
    )
    customer_note = models.TextField(_("customer's note"), blank=True)
    staff_note = models.TextField(_("note for staff"), blank=True)
    cancel_reason = models.CharField(_("why canceled"), max_length=250, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Lists are read by business and start, by contact, and by what is still held."""

        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_range"),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "requested",
                        "pending",
                        "confirmed",
                        "expired",
                        "canceled",
                        "completed",
                        "no_show",
                    ]
                ),
                name="booking_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["requested", "pending"])
                | Q(hold_expires_at__isnull=False),
                name="booking_held_until_paired",
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(confirmed_at__isnull=False),
                name="booking_confirmed_paired",
            ),
            models.CheckConstraint(condition=Q(seats__gte=1), name="booking_seats_positive"),
            models.CheckConstraint(
                condition=Q(deposit_minor__lte=F("price_minor")), name="booking_deposit_in_price"
            ),
        ]
        indexes = [
            models.Index(fields=["business", "-starts_at", "-id"], name="booking_business_start"),
            models.Index(fields=["business", "-id"], name="booking_business_id"),
            models.Index(fields=["contact", "-id"], name="booking_contact"),
            models.Index(fields=["calendar", "starts_at"], name="booking_calendar_start"),
            models.Index(fields=["session"], name="booking_session"),
        ]

    def __str__(self) -> str:
        """Show the id, which says nothing about the customer."""
        return self.public_id

    @property
    def price(self) -> Money:
        """Return the price agreed."""
        return Money(self.price_minor, self.currency)

    @property
    def deposit(self) -> Money:
        """Return what was due when booking."""
        return Money(self.deposit_minor, self.currency)

    @property
    def balance(self) -> Money:
        """Return what is still to be paid; never negative."""
        paid = self.paid_minor - self.refunded_minor
        return Money(max(0, self.price_minor - paid), self.currency)

    def holds_time(self, now: datetime) -> bool:
        """Say whether the booking still keeps others out at an aware instant."""
        if self.status in {self.Status.REQUESTED, self.Status.PENDING}:
            return self.hold_expires_at is not None and now < self.hold_expires_at
        return self.status in {self.Status.CONFIRMED, self.Status.COMPLETED, self.Status.NO_SHOW}


class Occupancy(models.Model):
    """A stretch of one calendar that is taken, buffers included; a hold until `expires_at`.

    Two exclusive ones cannot overlap because the database refuses it. Rows of a calendar with
    capacity above one are not exclusive; their peak is counted under the calendar's lock. A row
    without booking and session belongs to something outside, such as a synced calendar.
    """

    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="occupancies")
    booking = models.ForeignKey(
        Booking, models.CASCADE, null=True, blank=True, related_name="occupancies"
    )
    session = models.ForeignKey(
        Session, models.CASCADE, null=True, blank=True, related_name="occupancies"
    )
    blocked_from = models.DateTimeField()
    blocked_to = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True)
    exclusive = models.BooleanField(default=True)

    class Meta:
        """The exclusion constraint is the last word on double booking."""

        verbose_name = _("occupied time")
        verbose_name_plural = _("occupied times")
        constraints = [
            models.CheckConstraint(
                condition=Q(blocked_to__gt=F("blocked_from")), name="occupancy_range"
            ),
            # An integer key written as a range needs no extension. The expression names the
            # field, not its column: validation replaces values by field name.
            ExclusionConstraint(
                name="occupancy_no_overlap",
                index_type="GIST",
                expressions=[
                    (Int8Range("calendar", "calendar", Value("[]")), RangeOperators.EQUAL),
                    (
                        TsTzRange("blocked_from", "blocked_to", Value("[)")),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(active=True, exclusive=True),
                violation_error_code="overlap",
                violation_error_message=_("This time is taken."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["calendar", "blocked_to"],
                include=["blocked_from", "expires_at"],
                name="occupancy_busy",
                condition=Q(active=True),
            )
        ]

    def __str__(self) -> str:
        """Show the range."""
        return f"{self.blocked_from:%Y-%m-%d %H:%M} - {self.blocked_to:%Y-%m-%d %H:%M}"
