"""What the buttons of bookings and tasks ask."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminSingleTimeWidget,
    UnfoldAdminTextareaWidget,
)

from accounts import policy
from accounts.console import ButtonForm
from accounts.models import Staff
from bookings.models import Booking, Calendar, Task
from common.templatetags.frontdesk import zone_name
from common.times import wall_to_utc
from payments.models import Payment


class CancelForm(ButtonForm):
    """What goes back of the money that was paid."""

    refund = forms.ChoiceField(
        label=gettext_lazy("Money"), widget=UnfoldAdminSelectWidget(), choices=[]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer a full refund to those who may refund."""
        super().__init__(*args, **kwargs)
        choices = [
            ("rules", _("Refund what the cancellation rules give back")),
            ("nothing", _("Refund nothing")),
        ]
        if policy.may_manage_some(self.user, "refund", Payment):
            choices.insert(0, ("all", _("Refund everything that was paid")))
        self.fields["refund"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


class ReassignForm(ButtonForm):
    """Who takes the booking instead; the time stays."""

    calendar = forms.ChoiceField(
        label=gettext_lazy("Give to"), widget=UnfoldAdminSelectWidget(), choices=[]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the others who perform the service."""
        super().__init__(*args, **kwargs)
        booking: Booking = self.item  # type: ignore[assignment]  # the button is not offered in bulk
        rows = Calendar.objects.filter(
            services=booking.service_id, business=booking.business_id, is_active=True
        ).exclude(pk=booking.calendar_id)
        self.fields["calendar"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (row.public_id, row.name) for row in rows.order_by("name")
        ]


class RescheduleForm(ButtonForm):
    """A new start as a wall-clock time of the business."""

    date = forms.DateField(label=gettext_lazy("Date"), widget=UnfoldAdminSingleDateWidget())
    time = forms.TimeField(label=gettext_lazy("Time"), widget=UnfoldAdminSingleTimeWidget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Start from the present time and name the zone."""
        super().__init__(*args, **kwargs)
        booking: Booking = self.item  # type: ignore[assignment]  # the button is not offered in bulk
        local = booking.starts_at.astimezone(booking.business.zone)
        self.fields["date"].initial = local.date()
        self.fields["time"].initial = local.time()
        self.fields["time"].help_text = zone_name(booking.business.timezone)

    def clean(self) -> dict[str, Any]:
        """Turn the wall-clock time into an instant."""
        values = super().clean() or {}
        booking: Booking = self.item  # type: ignore[assignment]  # the button is not offered in bulk
        day, at = values.get("date"), values.get("time")
        if isinstance(day, dt.date) and isinstance(at, dt.time):
            seconds = at.hour * 3600 + at.minute * 60
            values["starts_at"] = wall_to_utc(day, seconds, booking.business.zone)
        return values


class MessageForm(ButtonForm):
    """A message to the customer."""

    body = forms.CharField(
        label=gettext_lazy("Message"),
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
    )


class AssignForm(ButtonForm):
    """Who does the task."""

    staff = forms.ChoiceField(
        label=gettext_lazy("Give to"),
        required=False,
        widget=UnfoldAdminSelectWidget(),
        choices=[],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the staff of the business, and nobody."""
        super().__init__(*args, **kwargs)
        task: Task = self.item  # type: ignore[assignment]  # the button is not offered in bulk
        rows = Staff.objects.filter(user__memberships__business=task.business_id)
        self.fields["staff"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", _("Nobody yet")),
            *((row.public_id, row.display_name) for row in rows.order_by("display_name")),
        ]
