"""Who calls the API: an account, a program with a key, a guest with a token, or nobody."""

from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts.links import read_guest_token
from accounts.models import User
from accounts.policy import Actor, KeyCaller
from common.errors import NotFound, NotSignedIn

GUEST: Final = "guest"


class InvalidBookingToken(NotSignedIn):
    """The token was not issued by us, or has run out."""

    code = "INVALID_BOOKING_TOKEN"
    message = _("This booking link is not valid any more. Open the newest one from your email.")


def person_of(request: Request) -> User | AnonymousUser:
    """Return the account of the request, or nobody."""
    return request.user if isinstance(request.user, User) else AnonymousUser()


def caller_of(request: Request) -> User | KeyCaller | AnonymousUser:
    """Return the account or the API key of the request, or nobody."""
    return request.user if isinstance(request.user, User | KeyCaller) else AnonymousUser()


def actor_of(request: Request) -> Actor:
    """Return the account or key of the request, else the guest its token names, else nobody.

    The token is in X-Booking-Token, or in `?token=`. Raises InvalidBookingToken.
    """
    caller = caller_of(request)
    token = request.headers.get("X-Booking-Token") or request.query_params.get("token", "")
    if isinstance(caller, User | KeyCaller) or not token:
        return caller
    try:
        return read_guest_token(token=token)
    except NotFound:
        raise InvalidBookingToken from None


def label_of(actor: Actor) -> str:
    """Return how the records name the actor."""
    return actor.public_id if isinstance(actor, User | KeyCaller) else GUEST
