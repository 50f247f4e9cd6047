"""By what a device is known again: a random id in a long-lived cookie, or the app's X-Client-Id.

It signs nobody in: it only keeps people from being told of a new device at each sign-in.
"""

import hashlib
import re
import secrets
from typing import Final, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.models import Device
from common.authentication import client_id
from common.client_address import client_address

COOKIE: Final = "frontdesk_device"
_ATTRIBUTE: Final = "_new_device_cookie"
_FORM: Final = re.compile(r"\A[A-Za-z0-9_-]{22,64}\Z")
# The longest a browser keeps a cookie (RFC 6265bis §5.5).
_KEPT_SECONDS: Final = 400 * 86_400


def kind_of(request: HttpRequest) -> Device.Kind:
    """Say whether an app signs in through the token API or a browser on a page."""
    headless = getattr(getattr(request, "allauth", None), "headless", None)
    is_app = getattr(getattr(headless, "client", None), "value", "") == "app"
    return Device.Kind.APP if is_app else Device.Kind.BROWSER


def digest_of(request: HttpRequest) -> str:
    """Return the hash of the client's id; empty for an app that sends none.

    A browser without the cookie is given one with this answer.
    """
    if kind_of(request) == Device.Kind.APP:
        known = client_id(cast(Request, request)) or ""
    else:
        known = request.COOKIES.get(COOKIE, "")
        if not _FORM.match(known):
            known = secrets.token_urlsafe(24)
            setattr(request, _ATTRIBUTE, known)
    return hashlib.sha256(known.encode()).hexdigest() if known else ""


def set_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    """Give the browser the id made for it by this request, if one was."""
    made = getattr(request, _ATTRIBUTE, None)
    if made and isinstance(response, HttpResponse):
        response.set_cookie(
            COOKIE,
            made,
            max_age=_KEPT_SECONDS,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )


def address_of(request: HttpRequest) -> str | None:
    """Return the caller's network address; None where the connection has none."""
    return client_address(request) or None


def user_agent_of(request: HttpRequest) -> str:
    """Return the program's own name, cut to what is kept; without what a database refuses."""
    return str(request.META.get("HTTP_USER_AGENT", "")).replace("\0", "")[:300]
