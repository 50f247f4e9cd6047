"""What the endpoints read, checked for form only; rules are the actions'."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bookings.models import Booking
from common.fields_api import PhoneField, PublicIdInput, TextField, TimeZoneField
from common.serializers import InputSerializer, PageQuery

_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class StartField(serializers.DateTimeField):
    """An instant with its offset; one without would mean a different time to each reader."""

    default_error_messages = {
        "naive": _("Give the time with its offset, such as 2028-06-05T09:00:00+07:00."),
        "range": _("This time is too far away."),
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        """Return the instant in UTC; refuse one without offset."""
        if value.tzinfo is None:
            self.fail("naive")
        try:
            at = value.astimezone(UTC)
        except OverflowError:
            self.fail("range")
        if not _EARLIEST <= at <= _LATEST:
            self.fail("range")
        return at


class CustomerInput(InputSerializer):
    """Who comes. A signed-in customer may leave it out."""

    name = TextField(max_length=150)
    email = serializers.EmailField(max_length=254, required=False, default="", allow_blank=True)
    phone = PhoneField(required=False, default="", allow_blank=True)
    locale = serializers.RegexField(
        r"^[a-z]{2}(-[A-Za-z]{2,8})?$", required=False, default="en", max_length=12
    )
    timezone = TimeZoneField(required=False, default="", allow_blank=True)

    def validate(self, attrs: dict[str, str]) -> dict[str, str]:
        """Ask for one way to reach them."""
        if not attrs["email"] and not attrs["phone"]:
            raise serializers.ValidationError({"email": [_("Give an email address or a phone.")]})
        return attrs


class BookingInput(InputSerializer):
    """A time to take."""

    business = serializers.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$",
        help_text="Slug or id of the business; refused when the tier is not its own.",
    )
    tier = PublicIdInput("tir", help_text="What is booked.")
    starts_at = StartField(help_text="A start the availability offered.")
    staff = PublicIdInput(
        "cal", required=False, default="", help_text="A performer's id; leave out for any."
    )
    seats = serializers.IntegerField(required=False, default=1, min_value=1, max_value=1000)
    customer = CustomerInput(required=False)
    note = TextField(required=False, default="", allow_blank=True, max_length=2000)


class CancelInput(InputSerializer):
    """Why a booking is given up."""

    reason = TextField(required=False, default="", allow_blank=True, max_length=250)


class RescheduleInput(InputSerializer):
    """Where a booking moves."""

    starts_at = StartField()
    staff = PublicIdInput(
        "cal", required=False, default="", help_text="Another performer; leave out to keep theirs."
    )


class BookingListQuery(PageQuery):
    """The query of the list of bookings."""

    business = PublicIdInput("biz", required=False, default="", help_text="Of one business.")
    status = serializers.ChoiceField(
        Booking.Status.choices, required=False, default="", help_text="In one state."
    )


@extend_schema_field({"type": "string", "format": "date", "pattern": r"^20\d\d-\d\d-\d\d$"})
class DayField(serializers.DateField):
    """A calendar date within reach of any booking."""

    default_error_messages = {"range": _("This date is too far away.")}

    def to_internal_value(self, value: object) -> date:
        """Return the date."""
        day: date = super().to_internal_value(value)  # type: ignore[arg-type]  # checked there
        if not _EARLIEST.date() <= day <= _LATEST.date():
            self.fail("range")
        return day


class AvailabilityQuery(InputSerializer):
    """The query of the free times."""

    tier = PublicIdInput("tir", help_text="What is to be booked.")
    staff = PublicIdInput("cal", required=False, default="", help_text="One performer only.")
    tz = TimeZoneField(
        required=False,
        default="",
        allow_blank=True,
        help_text="Zone of `from`, `to` and the answer; the business's own when left out.",
    )
    date = DayField(required=False, default=None, help_text="One day, in place of from and to.")

    def get_fields(self) -> dict[str, serializers.Field[object, object, object, object]]:
        """Add the two fields whose names are words of the language."""
        return {
            **super().get_fields(),
            "from": DayField(
                required=False, default=None, help_text="First day; today if left out."
            ),
            "to": DayField(
                required=False, default=None, help_text="Last day, included; 30 days if left out."
            ),
        }


def zone_of(name: str, otherwise: str) -> ZoneInfo:
    """Return the zone asked for, or the other."""
    return ZoneInfo(name or otherwise)
