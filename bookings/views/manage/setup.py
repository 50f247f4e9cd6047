"""What the business offers, when it is open, and how it shows itself."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions as people
from accounts.forms import BusinessProfileForm
from accounts.models import Business
from bookings import actions
from bookings.actions.offering import save_service
from bookings.models import BlockedPeriod, Calendar, Service, WeeklyRule
from bookings.views.manage.access import desk_context, managed_business
from bookings.views.manage.forms import (
    DaysOffForm,
    HoursForm,
    ServiceForm,
    TierFormSet,
    tier_initial,
)
from common.errors import DomainError, NotFound
from common.pages import page


@require_safe
@never_cache
@page
def services(request: HttpRequest, slug: str) -> HttpResponse:
    """List every service, offered or not."""
    business, _person = managed_business(request, slug, model=Service)
    rows = Service.objects.filter(business=business).prefetch_related("tiers", "performers")
    context = {**desk_context(request, business, "manage_services"), "services": rows}
    return render(request, "bookings/manage/services.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
def service(request: HttpRequest, slug: str, service_id: str = "") -> HttpResponse:
    """Add or change a service with its tiers."""
    business, person = managed_business(request, slug, verb="change", model=Service)
    item = None
    if service_id:
        item = Service.objects.filter(business=business, public_id=service_id).first()
        if item is None:
            raise NotFound
    tiers = list(item.tiers.filter(is_active=True)) if item else []
    form = ServiceForm(
        request.POST or None,
        instance=item,
        calendars=Calendar.objects.filter(business=business, is_active=True).order_by("name"),
    )
    formset = TierFormSet(
        request.POST or None,
        initial=[tier_initial(tier) for tier in tiers],
        form_kwargs={"currency": business.currency},
        prefix="tiers",
    )
    if request.method == "POST" and form.is_valid() and formset.is_valid():
        data = dict(form.cleaned_data)
        performers = list(data.pop("performers"))
        kept = [
            part.values()
            for part in formset.forms
            if part.has_changed() or part.initial
            if not part.cleaned_data.get("DELETE") and part.cleaned_data
        ]
        save_service(
            business=business,
            service_id=service_id,
            fields=data,
            tiers=kept,
            performers=performers,
            actor=person.public_id,
        )
        messages.success(request, _("Saved. Customers see it at once."))
        return redirect("manage_services", slug)
    context = {
        **desk_context(request, business, "manage_services"),
        "form": form,
        "formset": formset,
        "item": item,
    }
    is_refused = request.method == "POST"
    return render(
        request, "bookings/manage/service.html", context, status=400 if is_refused else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
def hours(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and change the week of the business or of one person, and days off."""
    business, person = managed_business(request, slug, verb="change", model=Calendar)
    calendars = list(Calendar.objects.filter(business=business, is_active=True).order_by("name"))
    wanted = request.GET.get("of", "")
    calendar = next((item for item in calendars if item.public_id == wanted), None)
    rules = list(WeeklyRule.objects.filter(business=business, calendar=calendar))
    form = HoursForm(request.POST or None, rules=rules)
    if request.method == "POST" and form.is_valid():
        actions.set_weekly_hours(
            business=business,
            calendar=calendar,
            openings=form.openings(),
            actor=person.public_id,
        )
        messages.success(request, _("Saved. Free times follow at once."))
        return redirect(request.get_full_path())
    context = _hours_context(request, business, calendars, calendar)
    return render(request, "bookings/manage/hours.html", {**context, "form": form})


def _hours_context(
    request: HttpRequest, business: Business, calendars: list[Calendar], calendar: Calendar | None
) -> dict[str, Any]:
    people_tabs = [
        {"label": _("Everybody"), "href": "?", "is_current": calendar is None},
        *(
            {"label": item.name, "href": f"?of={item.public_id}", "is_current": item == calendar}
            for item in calendars
        ),
    ]
    return {
        **desk_context(request, business, "manage_hours"),
        "people_tabs": people_tabs,
        "calendar": calendar,
        "blocks": BlockedPeriod.objects.filter(
            business=business, calendar=calendar, first_date__isnull=False
        ).order_by("first_date"),
        "days_off": DaysOffForm(),
    }


@require_POST
@page
def add_days_off(request: HttpRequest, slug: str) -> HttpResponse:
    """Close whole days."""
    business, person = managed_business(request, slug, verb="change", model=Calendar)
    calendars = list(Calendar.objects.filter(business=business, is_active=True).order_by("name"))
    wanted = request.GET.get("of", "")
    calendar = next((item for item in calendars if item.public_id == wanted), None)
    form = DaysOffForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        actions.block_time(
            business=business,
            calendar=calendar,
            dates=(data["first_date"], data["last_date"]),
            reason=data["reason"],
            actor=person.public_id,
        )
        messages.success(request, _("Closed. Bookings already made stay; move them yourself."))
        return redirect("manage_hours", slug)
    rules = list(WeeklyRule.objects.filter(business=business, calendar=calendar))
    context = _hours_context(request, business, calendars, calendar)
    context |= {"form": HoursForm(rules=rules), "days_off": form}
    return render(request, "bookings/manage/hours.html", context, status=400)


@require_POST
@page
def remove_days_off(request: HttpRequest, slug: str, block_id: str) -> HttpResponse:
    """Open closed days again."""
    business, person = managed_business(request, slug, verb="change", model=Calendar)
    actions.unblock_time(business=business, block_id=block_id, actor=person.public_id)
    messages.success(request, _("Open again."))
    return redirect("manage_hours", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
def profile(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and change what customers see of the business."""
    business, person = managed_business(request, slug, verb="change", model=Business)
    # The form writes on its instance: a copy keeps refused words out of the page's header.
    form = BusinessProfileForm(request.POST or None, instance=Business.objects.get(pk=business.pk))
    if request.method == "POST" and form.is_valid():
        try:
            people.update_business(
                business_id=business.pk, actor=person.public_id, **form.cleaned_data
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Saved. Customers see it at once."))
            return redirect("manage_profile", slug)
    context = {**desk_context(request, business, "manage_profile"), "form": form}
    return render(request, "bookings/manage/profile.html", context)
