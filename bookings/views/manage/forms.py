"""Forms of the desk: services, tiers, hours, days off."""

from collections.abc import Sequence
from datetime import time
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bookings.models import BlockedPeriod, Calendar, Service, Tier, WeeklyRule
from common.money import exponent

OPENINGS_A_DAY = 2
_LARGEST = Decimal(10) ** 12


class ServiceForm(forms.ModelForm[Service]):
    """What a service is called and who performs it."""

    class Meta:
        """The address stays as it was made."""

        model = Service
        fields = ("name", "summary", "description", "is_active", "performers")
        labels: ClassVar = {
            "name": _("Name"),
            "summary": _("One line"),
            "description": _("Description"),
            "is_active": _("Offered to customers"),
            "performers": _("Who does it"),
        }
        help_texts: ClassVar = {"performers": _("One of them is booked; free ones first.")}
        widgets: ClassVar = {
            "performers": forms.CheckboxSelectMultiple,
            "description": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, calendars: QuerySet[Calendar], **kwargs: Any) -> None:
        """Offer only the business's own calendars."""
        super().__init__(*args, **kwargs)
        field = self.fields["performers"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # as Meta says  # noqa: S101
        field.queryset = calendars


class TierForm(forms.Form):
    """One way to buy the service; money in the unit people speak of."""

    public_id = forms.CharField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=120)
    duration_minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=10080)
    price = forms.DecimalField(label=_("Price"), min_value=0, max_value=_LARGEST)
    # A browser always sends a choice: without the initial value an untouched form would count as
    # filled in.
    deposit_kind = forms.ChoiceField(
        label=_("Paid when booking"), choices=Tier.Deposit.choices, initial=Tier.Deposit.NONE
    )
    deposit = forms.DecimalField(
        label=_("Deposit (amount or %)"), min_value=0, max_value=_LARGEST, required=False
    )
    buffer_after_minutes = forms.IntegerField(
        label=_("Minutes kept free after"), min_value=0, max_value=1440, initial=0
    )
    notice_minutes = forms.IntegerField(
        label=_("Shortest notice, minutes"), min_value=0, max_value=525600, initial=0
    )
    seats = forms.IntegerField(label=_("Places"), min_value=1, max_value=500, initial=1)
    needs_approval = forms.BooleanField(label=_("We answer each request"), required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        """Amounts have the currency's own decimals."""
        super().__init__(*args, **kwargs)
        self._scale = Decimal(10) ** exponent(currency)
        self.fields["price"].label = _("Price (%(currency)s)") % {"currency": currency}
        self.fields["price"].widget.attrs["step"] = str(1 / self._scale)

    def clean(self) -> dict[str, Any]:
        """Refuse amounts finer than the currency and deposits above the price."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        price, deposit = data.get("price"), data.get("deposit") or Decimal(0)
        if price is not None and (price * self._scale) % 1:
            self.add_error("price", _("This currency has no such small unit."))
        kind = data.get("deposit_kind")
        most = Decimal(100) if kind == Tier.Deposit.PERCENT else price
        if kind != Tier.Deposit.NONE and most is not None and deposit > most:
            self.add_error("deposit", _("The deposit cannot be more than the price."))
        is_exact = kind == Tier.Deposit.AMOUNT and not (deposit * self._scale) % 1
        if kind == Tier.Deposit.AMOUNT and not is_exact:
            self.add_error("deposit", _("This currency has no such small unit."))
        if kind == Tier.Deposit.PERCENT and deposit % 1:
            self.add_error("deposit", _("Give whole percent."))
        return data

    def values(self) -> dict[str, Any]:
        """Return the tier's fields, in minor units."""
        data = self.cleaned_data
        kind, deposit = data["deposit_kind"], data["deposit"] or Decimal(0)
        return {
            "public_id": data["public_id"],
            "name": data["name"],
            "duration_minutes": data["duration_minutes"],
            "price_minor": int(data["price"] * self._scale),
            "deposit_kind": kind,
            "deposit_minor": int(deposit * self._scale) if kind == Tier.Deposit.AMOUNT else 0,
            "deposit_percent": int(deposit) if kind == Tier.Deposit.PERCENT else 0,
            "buffer_after_minutes": data["buffer_after_minutes"],
            "notice_minutes": data["notice_minutes"],
            "seats": data["seats"],
            "needs_approval": data["needs_approval"],
        }


def tier_initial(tier: Tier) -> dict[str, Any]:
    """Return a tier as its form shows it."""
    is_percent = tier.deposit_kind == Tier.Deposit.PERCENT
    return {
        "public_id": tier.public_id,
        "name": tier.name,
        "duration_minutes": tier.duration_minutes,
        "price": tier.price.major,
        "deposit_kind": tier.deposit_kind,
        "deposit": tier.deposit_percent if is_percent else tier.deposit.major,
        "buffer_after_minutes": tier.buffer_after_minutes,
        "notice_minutes": tier.notice_minutes,
        "seats": tier.seats,
        "needs_approval": tier.needs_approval,
    }


TierFormSet = forms.formset_factory(
    TierForm, extra=1, max_num=20, validate_max=True, min_num=1, validate_min=True, can_delete=True
)


class HoursForm(forms.Form):
    """A week of openings: up to two a day, wall clock of the business."""

    def __init__(self, *args: Any, rules: Sequence[WeeklyRule] = (), **kwargs: Any) -> None:
        """Make a pair of times for each opening of each day."""
        super().__init__(*args, **kwargs)
        known: dict[int, list[WeeklyRule]] = {}
        for item in rules:
            known.setdefault(item.weekday, []).append(item)
        for weekday, name in WeeklyRule.Weekday.choices:
            for number in range(OPENINGS_A_DAY):
                of_day = known.get(weekday, [])
                rule = of_day[number] if number < len(of_day) else None
                for part, value in (
                    ("start", rule and rule.start_time),
                    ("end", rule and rule.end_time),
                ):
                    self.fields[f"{part}_{weekday}_{number}"] = forms.TimeField(
                        required=False,
                        initial=value or None,
                        label=f"{name}: {_('from') if part == 'start' else _('to')}",
                        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
                    )

    def days(self) -> list[dict[str, Any]]:
        """Return the fields by day, for the page."""
        return [
            {
                "name": name,
                "pairs": [
                    (self[f"start_{weekday}_{number}"], self[f"end_{weekday}_{number}"])
                    for number in range(OPENINGS_A_DAY)
                ],
            }
            for weekday, name in WeeklyRule.Weekday.choices
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse an opening with one end, and two of a day that overlap."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in [item for item in self.fields if item.startswith("start_")]:
            other = name.replace("start", "end")
            if (data.get(name) is None) != (data.get(other) is None) and not self.errors.keys() & {
                name,
                other,
            }:
                missing = name if data.get(name) is None else other
                self.add_error(missing, _("Give both times, or none for closed."))
        if not self.errors:
            for weekday, openings in self.openings().items():
                (starts_at, ends_at), *later = sorted(openings)
                if later and (ends_at <= starts_at or ends_at > later[0][0]):
                    self.add_error(f"start_{weekday}_1", _("The two openings overlap."))
        return data

    def openings(self) -> dict[int, list[tuple[time, time]]]:
        """Return the openings by weekday, Monday being 0."""
        found: dict[int, list[tuple[time, time]]] = {}
        for weekday, _name in WeeklyRule.Weekday.choices:
            for number in range(OPENINGS_A_DAY):
                start = self.cleaned_data.get(f"start_{weekday}_{number}")
                end = self.cleaned_data.get(f"end_{weekday}_{number}")
                if start is not None and end is not None:
                    found.setdefault(weekday, []).append((start, end))
        return found


class DaysOffForm(forms.ModelForm[BlockedPeriod]):
    """Whole days on which nobody can book."""

    class Meta:
        """Both dates included."""

        model = BlockedPeriod
        fields = ("first_date", "last_date", "reason")
        labels: ClassVar = {
            "first_date": _("First day"),
            "last_date": _("Last day"),
            "reason": _("Reason, for you only"),
        }
        widgets: ClassVar = {
            "first_date": forms.DateInput(attrs={"type": "date"}),
            "last_date": forms.DateInput(attrs={"type": "date"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Both dates must be given."""
        super().__init__(*args, **kwargs)
        for name in ("first_date", "last_date"):
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        """Refuse a last day before the first."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("first_date"), data.get("last_date")
        if first and last and last < first:
            self.add_error("last_date", _("The last day comes before the first."))
        return data

    def _post_clean(self) -> None:
        """Leave the row's own constraints to the action, which fills the business in."""
