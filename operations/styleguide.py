"""Every component of the site in every state; served in development only."""

from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from common import colour


@dataclass(frozen=True, slots=True)
class Swatch:
    """A business colour as it will be seen, with the contrasts that were reached."""

    chosen: str
    pair: colour.AccentPair
    light: str
    dark: str


class SampleForm(forms.Form):
    """One field of each kind; the styleguide shows it untouched and refused."""

    name = forms.CharField(label=_("Your name"), initial="Nguyễn Thị Ánh Tuyết")
    email = forms.EmailField(label=_("Email"), help_text=_("We send the confirmation here."))
    note = forms.CharField(
        label=_("Anything we should know"), widget=forms.Textarea, required=False
    )
    day = forms.ChoiceField(label=_("Day"), choices=[("mon", _("Monday")), ("tue", _("Tuesday"))])
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}))
    way = forms.ChoiceField(
        label=_("How do you want to pay?"),
        widget=forms.RadioSelect,
        choices=[("card", _("Card")), ("transfer", _("Bank transfer"))],
    )
    terms = forms.BooleanField(label=_("I agree to the terms"))


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show the page; 404 outside development."""
    if not settings.DEBUG:
        raise Http404
    today = date(2027, 3, 15)
    now = timezone.now()
    strip = [
        {
            "date": today + timedelta(days=n),
            "href": f"?day={n}",
            "is_current": n == 1,
            "has_times": n not in {0, 4},
        }
        for n in range(10)
    ]
    slots = [
        {
            "starts_at": now.replace(hour=h, minute=m, second=0, microsecond=0),
            "value": f"{h}:{m}",
            "seats_left": s,
        }
        for h, m, s in ((1, 0, 0), (1, 30, 3), (2, 0, 1), (2, 30, 0))
    ]
    pairs = [
        (chosen, colour.accent_pair(chosen))
        for chosen in ("#3454d1", "#0f766e", "#c2410c", "#facc15", "#111827", "#f9a8d4")
    ]
    swatches = [
        Swatch(
            chosen,
            pair,
            f"{colour.contrast(pair.light.text, '#f0f2f5'):.1f}",
            f"{colour.contrast(pair.dark.text, '#1d2128'):.1f}",
        )
        for chosen, pair in pairs
    ]
    refused = SampleForm({"name": "", "email": "tuyet@", "day": "mon", "starts": "25:00"})
    context = {
        "form": SampleForm(auto_id="free_%s"),
        "refused": refused,
        "days": strip,
        "slots": slots,
        "steps": [
            {"label": _("Time"), "is_done": True, "href": "?step=1"},
            {"label": _("Details"), "is_current": True},
            {"label": _("Payment")},
        ],
        "tabs": [
            {"label": _("Today"), "href": "?", "is_current": True},
            {"label": _("Bookings"), "href": "?b", "count": 12},
            {"label": _("Services"), "href": "?s"},
        ],
        "entries": [
            {
                "title": _("Booking confirmed"),
                "detail": _("Deposit received"),
                "at": now,
                "tone": "success",
            },
            {"title": _("Payment is being checked"), "detail": "", "at": now, "tone": "warning"},
            {"title": _("Booking made"), "detail": "Trần Quốc Bảo", "at": now, "tone": ""},
        ],
        "bars": [(f"{n}", (n * 37) % 11 * 120_000 + 90_000) for n in range(1, 15)],
        "swatches": swatches,
        "until": now + timedelta(minutes=14, seconds=30),
        "rows": [
            ("Nguyễn Thị Ánh Tuyết", "Full colour and cut", 850_000, "success", _("Confirmed")),
            (
                "Maximilian Oberhuber-Weißenböck",
                "Beard trim",
                180_000,
                "warning",
                _("Awaiting payment"),
            ),
            ("Lê Hoàng", "Consultation", 0, "danger", _("Canceled")),
        ],
        "zone": "Asia/Ho_Chi_Minh",
        "now": now,
    }
    return render(request, "styleguide.html", context)
