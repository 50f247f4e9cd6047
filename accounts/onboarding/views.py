"""Pages of the first profile and of the set-up wizard."""

from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Business, BusinessSetup, User
from accounts.onboarding import actions, guesses, registration, registry
from accounts.onboarding.forms import BusinessNameForm, WelcomeForm
from accounts.onboarding.registry import SetupStep
from accounts.onboarding.steps import NAME
from accounts.policy import can_in, roles_of
from common.errors import DomainError, Forbidden, NotFound, NotSignedIn
from common.pages import page

_FORM_METHODS: Final = ["GET", "HEAD", "POST"]


def _signed_in(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise NotSignedIn
    return request.user


@login_required
@require_http_methods(_FORM_METHODS)
@never_cache
def welcome(request: HttpRequest) -> HttpResponse:
    """Ask a new account for its name, phone, language and zone, and what it came for."""
    # The form writes on its instance: a copy keeps a refused name out of the page's header.
    user = User.objects.get(pk=_signed_in(request).pk)
    form = WelcomeForm(
        request.POST or None, instance=user, initial={"locale": get_language() or user.locale}
    )
    if request.method != "POST" or not form.is_valid():
        status = 400 if request.method == "POST" else 200
        return render(request, "accounts/welcome.html", {"form": form}, status=status)
    registration.finish_profile(user_id=user.pk, actor=user.public_id, **form.cleaned_data)
    then = "setup" if request.POST.get("then") == "business" else "account_home"
    response = redirect(then)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        form.cleaned_data["locale"],
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


@require_http_methods(_FORM_METHODS)
@never_cache
@page
def begin(request: HttpRequest) -> HttpResponse:
    """Ask for the name of a new business and make it; offer to go on with one begun before."""
    user = _signed_in(request)
    form = BusinessNameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        zone = guesses.known_zone(data["browser_zone"], user.timezone)
        try:
            business = actions.begin_setup(
                owner=user,
                name=data["name"],
                slug=data["slug"],
                timezone_name=zone,
                currency=guesses.currency_of(zone),
                locale=user.locale,
            )
        except (DomainError, ValidationError) as refusal:
            _refuse(form, refusal)
        else:
            return redirect(_address_after(business, NAME))
    unfinished = BusinessSetup.objects.filter(
        finished_at=None,
        business__in=[pk for pk, role in roles_of(user).items() if role == "owner"],
    ).select_related("business")
    context = {
        "form": form,
        "step": registry.steps()[0],
        "steps": _progress(None, None, NAME),
        "unfinished": unfinished.order_by("-id"),
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "accounts/setup/name.html", context, status=status)


@require_safe
@never_cache
@page
def address(request: HttpRequest) -> HttpResponse:
    """Say whether an address is free while it is typed; suggest one while only a name is."""
    _signed_in(request)
    typed = request.GET.get("slug", "").strip().lower()[:60]
    last = request.GET.get("suggested", "")
    is_by_name = request.headers.get("HX-Trigger") == "id_name" and typed in {"", last}
    slug = guesses.suggest_slug(request.GET.get("name", "")[:120]) if is_by_name else typed
    context = {
        "slug": slug,
        "is_free": bool(slug) and guesses.is_free(slug),
        "free": guesses.suggest_slug(slug) if slug else "",
        "form": BusinessNameForm(suggested=slug) if is_by_name else None,
    }
    return render(request, "accounts/setup/address.html", context)


@require_http_methods(_FORM_METHODS)
@never_cache
@page
def step_page(request: HttpRequest, slug: str, step: str) -> HttpResponse:
    """Show one step and save it; the next one follows."""
    business, setup, user = _opened(request, slug)
    found = next((item for item in registry.steps() if item.name == step), None)
    if found is None:
        raise NotFound
    form = found.build(business, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_step(business=business, step=found, form=form, user=user)
        except (DomainError, ValidationError) as refusal:
            _refuse(form, refusal)
        else:
            business.refresh_from_db()
            return redirect(_address_after(business, found.name))
    context = {
        "business": business,
        "hide_business_brand": True,
        "step": found,
        "form": form,
        "steps": _progress(business, setup, found.name),
        "back": _address_before(business, found),
        "next": _address_after(business, found.name) if found.can_skip else "",
        **found.context(business, form),
    }
    status = 400 if request.method == "POST" else 200
    return render(request, found.template, context, status=status)


@require_safe
@never_cache
@page
def finish(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what is left before the page can open, or the open page and what is good to do next."""
    business, setup, _user = _opened(request, slug)
    missing = actions.missing_steps(setup)
    later = [
        {"label": item.title, "is_done": False, "href": _address(business, item)}
        for item in registry.steps()
        if item.can_skip and item.name not in setup.done_steps
    ] + [
        {"label": item.label, "is_done": item.is_done(business), "href": item.link(business)}
        for item in registry.checks()
    ]
    context = {
        "business": business,
        "hide_business_brand": True,
        "setup": setup,
        "missing": [{"step": item, "href": _address(business, item)} for item in missing],
        "later": later,
        "steps": _progress(business, setup, ""),
        "page_address": f"{settings.SITE_URL}{reverse('business', args=[business.slug])}",
    }
    return render(request, "accounts/setup/finish.html", context)


@require_POST
@page
def open_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Open the business to customers."""
    business, _setup, user = _opened(request, slug)
    try:
        actions.open_business(business=business, actor=user.public_id)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    return redirect("setup_finish", slug)


@require_safe
@page
def resume(request: HttpRequest, slug: str) -> HttpResponse:
    """Go on where the set-up was left."""
    business, setup, _user = _opened(request, slug)
    missing = actions.missing_steps(setup)
    return redirect(_address(business, missing[0]) if missing else _finish(business))


def _opened(request: HttpRequest, slug: str) -> tuple[Business, BusinessSetup, User]:
    user = _signed_in(request)
    business = Business.objects.filter(slug=slug).first()
    if business is None:
        raise NotFound
    if not can_in(user, "change", Business, business):
        raise Forbidden
    setup = BusinessSetup.objects.filter(business=business).first()
    if setup is None:  # made otherwise than by the wizard: there is nothing to go on with
        raise NotFound
    return business, setup, user


def _progress(
    business: Business | None, setup: BusinessSetup | None, current: str
) -> list[dict[str, Any]]:
    done = setup.done_steps if setup else []
    items = [
        {
            "label": item.title,
            "is_done": item.name in done,
            "is_current": item.name == current,
            "href": _address(business, item)
            if business and item.name in done and item.name != current
            else "",
        }
        for item in registry.steps()
    ]
    is_open = bool(setup and setup.finished_at)
    last = {"label": _("Open"), "is_done": is_open, "is_current": not current, "href": ""}
    return [*items, last]


def _address(business: Business, step: SetupStep) -> str:
    return reverse("setup_step", args=[business.slug, step.name])


def _finish(business: Business) -> str:
    return reverse("setup_finish", args=[business.slug])


def _address_after(business: Business, name: str) -> str:
    """Return the step that follows, or the end."""
    steps = registry.steps()
    names = [item.name for item in steps]
    following = steps[names.index(name) + 1 :]
    return _address(business, following[0]) if following else _finish(business)


def _address_before(business: Business, step: SetupStep) -> str:
    steps = registry.steps()
    place = [item.name for item in steps].index(step.name)
    return _address(business, steps[place - 1]) if place else ""


def _refuse(form: BaseForm, refusal: DomainError | ValidationError) -> None:
    """Say a refusal beside its field, or at the top."""
    if isinstance(refusal, DomainError):
        form.add_error(None, str(refusal.message))
        return
    fields = getattr(refusal, "error_dict", None)
    if fields and not set(fields) <= set(form.fields):
        form.add_error(None, refusal.messages)
        return
    form.add_error(None, refusal)
