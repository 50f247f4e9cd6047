"""The API keys of a business: listed, made, replaced, revoked. A key is shown once."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts import step_up
from accounts.api_keys import actions, queries
from accounts.api_keys.forms import ApiKeyForm, RotateForm
from accounts.models import ApiKey, Business, User
from accounts.policy import can_in
from bookings.views.manage.access import desk_context, managed_business
from common.errors import DomainError, Forbidden, NotFound
from common.pages import page

_TONES = {"active": "success", "retiring": "warning", "expired": "", "revoked": "danger"}
_TAB = "manage_keys"


@require_safe
@never_cache
@page
def keys(request: HttpRequest, slug: str) -> HttpResponse:
    """List every key, those that ended last."""
    business, person = managed_business(request, slug, model=ApiKey)
    now = timezone.now()
    rows = [(row, row.state_at(now)) for row in queries.keys_of(business)]
    ended = {ApiKey.State.EXPIRED, ApiKey.State.REVOKED}
    rows.sort(key=lambda item: item[1] in ended)
    context = {
        **desk_context(request, business, _TAB),
        "rows": [
            {"key": row, "state": state.label, "tone": _TONES[state.value], "ended": state in ended}
            for row, state in rows
        ],
        "may_manage": can_in(person, "manage", ApiKey, business),
    }
    return render(request, "bookings/manage/keys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
@sensitive_variables("secret")
def new_key(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a key and show it, once."""
    business, person = managed_business(request, slug, verb="manage", model=ApiKey)
    step_up.require_for_page(request)
    form = ApiKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            key, secret = actions.create_key(
                business=business, creator=person, now=now, **form.values(now)
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return _shown_once(request, key, secret)
    context = {**desk_context(request, business, _TAB), "form": form}
    status = 400 if request.method == "POST" else 200
    return render(request, "bookings/manage/key_new.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
@sensitive_variables("secret")
def rotate(request: HttpRequest, slug: str, key_id: str) -> HttpResponse:
    """Ask how long the old key lives on, then replace it and show the new one, once."""
    business, person, key = _managed_key(request, slug, key_id)
    step_up.require_for_page(request)
    form = RotateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        overlap = dt.timedelta(hours=form.cleaned_data["overlap_hours"])
        try:
            new, secret = actions.rotate_key(
                key_id=key.pk, overlap=overlap, actor=person, now=timezone.now()
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return _shown_once(request, new, secret)
    context = {**desk_context(request, business, _TAB), "form": form, "key": key}
    status = 400 if request.method == "POST" else 200
    return render(request, "bookings/manage/key_rotate.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
def revoke(request: HttpRequest, slug: str, key_id: str) -> HttpResponse:
    """Ask first, then end the key."""
    business, person, key = _managed_key(request, slug, key_id)
    step_up.require_for_page(request)
    if request.method == "POST":
        actions.revoke_key(key_id=key.pk, actor=person.public_id, now=timezone.now())
        messages.success(request, _("Revoked. Within seconds nobody can use it any more."))
        return redirect(_TAB, slug)
    context = {**desk_context(request, business, _TAB), "key": key}
    return render(request, "bookings/manage/key_revoke.html", context)


def _managed_key(request: HttpRequest, slug: str, key_id: str) -> tuple[Business, User, ApiKey]:
    business, person = managed_business(request, slug, verb="manage", model=ApiKey)
    key = queries.find_key(key_id)
    if key is None:
        raise NotFound
    if key.business_id != business.pk:
        raise Forbidden
    return business, person, key


def _shown_once(request: HttpRequest, key: ApiKey, secret: str) -> HttpResponse:
    context = {**desk_context(request, key.business, _TAB), "key": key, "secret": secret}
    return render(request, "bookings/manage/key_made.html", context, status=201)
