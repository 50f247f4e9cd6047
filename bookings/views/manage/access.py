"""Which business is managed, by whom, and what every page of the desk shows."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import ApiKey, Business, BusinessSetup, Membership, User
from accounts.policy import Actor, can_in, refuse
from bookings.models import Booking, Calendar, Service
from bookings.views import live
from bookings.views.access import person_of
from common.errors import NotFound, NotSignedIn
from payments.models import Payment


def managed_business(
    request: HttpRequest, slug: str, *, verb: str = "view", model: type[Model] = Booking
) -> tuple[Business, User]:
    """Return the business and who manages it.

    Raises NotSignedIn, NotFound, Forbidden for those whose role may not do the verb, and
    SecondFactorRequired for members who must set one up first.
    """
    person = person_of(request)
    if not isinstance(person, User):
        raise NotSignedIn
    business = Business.objects.filter(slug=slug).first()
    if business is None:
        raise NotFound
    if not can_in(person, verb, model, business):
        refuse(person, business.pk)
    return business, person


def desk_context(request: HttpRequest, business: Business, current: str) -> dict[str, Any]:
    """Return the desk's tabs and where its pages listen."""
    return {
        "business": business,
        "is_in_setup": not business.is_active
        and BusinessSetup.objects.filter(business=business, finished_at=None).exists(),
        "nav": "manage",
        "tabs_name": _("Desk"),
        "tabs": [
            {
                "label": _label(name),
                "href": reverse(name, args=[business.slug]),
                "is_current": name == current,
            }
            for name in open_pages(person_of(request), business)
        ],
        **live.context(request, business=business),
    }


def open_pages(person: Actor, business: Business) -> list[str]:
    """Return the names of the desk's pages the person may open, in their order."""
    return [name for name, (verb, model) in _PAGES.items() if can_in(person, verb, model, business)]


# Each page of the desk with what opens it.
_PAGES: dict[str, tuple[str, type[Model]]] = {
    "manage_today": ("view", Booking),
    "manage_week": ("view", Booking),
    "manage_bookings": ("view", Booking),
    "manage_services": ("view", Service),
    "manage_hours": ("change", Calendar),
    "manage_payments": ("view", Payment),
    "manage_team": ("view", Membership),
    "manage_profile": ("change", Business),
    "manage_keys": ("view", ApiKey),
}


def _label(name: str) -> str:
    return {
        "manage_today": _("Today"),
        "manage_week": _("Week"),
        "manage_bookings": _("Bookings"),
        "manage_services": _("Services"),
        "manage_hours": _("Hours"),
        "manage_payments": _("Payments"),
        "manage_team": _("Team"),
        "manage_profile": _("Profile"),
        "manage_keys": _("API keys"),
    }[name]
