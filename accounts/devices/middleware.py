"""Notes where and when a signed-in device was seen, and ends sessions idle at the admin's door.

A request that reads no session costs nothing here. One that does costs a statement at most every
five minutes in each process, or once a minute for staff.
"""

import time
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.devices import clients
from accounts.devices.seen import note_seen
from accounts.devices.sessions import DEVICE, STAFF_SEEN

_STAFF_EVERY_SECONDS: Final = 60
_admin_path = SimpleLazyObject(lambda: reverse("admin:index"))


class DeviceMiddleware:
    """Stands behind session, sign-in and messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """End an idle session before an admin page, pass on, then note what was seen."""
        if request.path_info.startswith(str(_admin_path)):
            self._end_idle(request)
        response = self.get_response(request)
        clients.set_cookie(request, response)
        session = request.session
        if session.accessed and not session.is_empty():
            if device_id := session.get(DEVICE):
                note_seen(request, device_id)
            if STAFF_SEEN in session and _is_page(request):
                self._note_staff(request)
        return response

    def _end_idle(self, request: HttpRequest) -> None:
        seen = request.session.get(STAFF_SEEN)
        if seen is None:
            if request.user.is_authenticated:
                request.session[STAFF_SEEN] = int(time.time())
        elif time.time() - seen > settings.ADMIN_IDLE_SECONDS:
            logout(request)
            messages.info(request, _("You were signed out because nobody used the admin."))

    def _note_staff(self, request: HttpRequest) -> None:
        now = int(time.time())
        if now - request.session[STAFF_SEEN] >= _STAFF_EVERY_SECONDS:
            request.session[STAFF_SEEN] = now


def _is_page(request: HttpRequest) -> bool:
    """Say whether a person opened a page: what open pages read by themselves is no sign of one."""
    return "HX-Request" not in request.headers and not request.path_info.startswith("/api/")
