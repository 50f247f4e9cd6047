"""The page of devices: where the account is signed in, and signing out there."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import policy
from accounts.devices import actions, queries
from accounts.devices.agents import describe
from accounts.devices.sessions import current_device_id
from accounts.models import User
from common.errors import NotFound
from common.pages import page


@require_safe
@never_cache
@login_required
def devices(request: HttpRequest) -> HttpResponse:
    """List the devices, this one first."""
    assert isinstance(request.user, User)  # login_required lets nobody else in  # noqa: S101
    mine = current_device_id(request)
    rows = [
        {"device": row, "name": describe(row.user_agent), "is_this": row.public_id == mine}
        for row in queries.live_devices(request.user)
    ]
    rows.sort(key=lambda row: not row["is_this"])
    zone = request.user.timezone or "UTC"
    context = {"rows": rows, "has_others": len(rows) > 1, "zone": zone, "nav": "account"}
    return render(request, "accounts/devices.html", context)


@require_POST
@login_required
@page
def end_device(request: HttpRequest, device_id: str) -> HttpResponse:
    """Sign one device out; signing this one out is signing out."""
    assert isinstance(request.user, User)  # as above  # noqa: S101
    found = queries.find_device(device_id)
    if found is None:
        raise NotFound
    policy.require(request.user, "end", found)
    if found.public_id == current_device_id(request):
        logout(request)
        return redirect("account_login")
    actions.end_devices(
        user=found.user,
        only=[found.public_id],
        actor=request.user.public_id,
        reason="signed out from the list of devices",
    )
    messages.success(request, _("Signed out there."))
    return redirect("account_devices")


@require_POST
@login_required
def end_other_devices(request: HttpRequest) -> HttpResponse:
    """Sign every device but this one out."""
    assert isinstance(request.user, User)  # as above  # noqa: S101
    actions.end_devices(
        user=request.user,
        but=current_device_id(request),
        actor=request.user.public_id,
        reason="signed out all others from the list of devices",
    )
    messages.success(request, _("You are signed in here only."))
    return redirect("account_devices")
