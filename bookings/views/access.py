"""Who is looking: an account, a guest who came by a signed link, or nobody."""

from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.links import read_guest_token
from accounts.models import User
from accounts.policy import Actor, Guest, can, require
from bookings.models import Booking
from bookings.queries import find_booking
from common.errors import NotFound
from common.pages import page

_KEY: Final = "guest_of"
_KEPT: Final = 20


def person_of(request: HttpRequest) -> User | AnonymousUser:
    """Return the account of the request, or nobody."""
    user = request.user
    return user if isinstance(user, User) else AnonymousUser()


def remember_guest(request: HttpRequest, *, subject: str) -> None:
    """Let this browser open the object until its session ends; the newest twenty are kept."""
    known = [item for item in request.session.get(_KEY, []) if item != subject]
    request.session[_KEY] = [*known, subject][-_KEPT:]


def is_guest_of(request: HttpRequest, *, subject: str) -> bool:
    """Say whether this browser may open the object as a guest."""
    return subject in request.session.get(_KEY, [])


def actor_for(request: HttpRequest, booking: Booking, *, verb: str = "view") -> Actor:
    """Return who may do the verb to the booking: the account first, else the guest.

    Raises NotSignedIn for a stranger and Forbidden for an account it does not belong to.
    """
    person = person_of(request)
    is_guest = is_guest_of(request, subject=booking.public_id)
    if is_guest and not can(person, verb, booking):
        guest = Guest(subject=booking.public_id)
        require(guest, verb, booking)
        return guest
    require(person, verb, booking)
    return person


def booking_or_404(public_id: str) -> Booking:
    """Return the booking with what pages show of it. Raises NotFound."""
    booking = find_booking(public_id)
    if booking is None:
        raise NotFound
    return booking


def label_of(actor: Actor) -> str:
    """Return how the records name the actor."""
    if isinstance(actor, User):
        return actor.public_id
    return "guest"


@require_safe
@page
def guest_link(request: HttpRequest, token: str) -> HttpResponse:
    """Open the booking a signed link names; the link itself does not stay in the address bar."""
    guest = read_guest_token(token=token)
    booking = booking_or_404(guest.subject)
    remember_guest(request, subject=booking.public_id)
    return redirect("booking", booking.public_id)
