"""Which business is managed, by whom, and what every page of the desk shows."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import ApiKey, Business, User
from accounts.policy import can_in
from bookings.models import Booking
from bookings.views import live
from bookings.views.access import person_of
from common.errors import Forbidden, NotFound, NotSignedIn


def managed_business(
    request: HttpRequest, slug: str, *, verb: str = "view", model: type[Model] = Booking
) -> tuple[Business, User]:
    """Return the business and who manages it.

    Raises NotSignedIn, NotFound, and Forbidden for those whose role may not do the verb.
    """
    person = person_of(request)
    if not isinstance(person, User):
        raise NotSignedIn
    business = Business.objects.filter(slug=slug).first()
    if business is None:
        raise NotFound
    if not can_in(person, verb, model, business):
        raise Forbidden
    return business, person


def desk_context(request: HttpRequest, business: Business, current: str) -> dict[str, Any]:
    """Return the desk's tabs and where its pages listen."""
    labels = {
        "manage_today": _("Today"),
        "manage_week": _("Week"),
        "manage_bookings": _("Bookings"),
        "manage_services": _("Services"),
        "manage_hours": _("Hours"),
        "manage_payments": _("Payments"),
        "manage_profile": _("Profile"),
    }
    if can_in(person_of(request), "view", ApiKey, business):
        labels["manage_keys"] = _("API keys")
    return {
        "business": business,
        "nav": "manage",
        "tabs_name": _("Desk"),
        "tabs": [
            {
                "label": label,
                "href": reverse(name, args=[business.slug]),
                "is_current": name == current,
            }
            for name, label in labels.items()
        ],
        **live.context(request, business=business),
    }
