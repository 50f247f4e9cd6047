"""Canceling and moving a booking, and its file for calendars."""

from babel.dates import format_time
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from icalendar import Calendar, Event

from accounts.models import User
from accounts.policy import Actor, can_in
from bookings import actions
from bookings.actions.calling_off import cancel_with_refund, due_back
from bookings.errors import SlotUnavailable
from bookings.models import Booking
from bookings.queries import find_service
from bookings.views.access import actor_for, booking_or_404, label_of
from bookings.views.choosing import Choice, slot_context, steps, summary
from common.errors import Conflict, IllegalTransition, NotFound
from common.money import Money
from common.pages import page
from common.templatetags.frontdesk import locale, long_date
from common.times import read_instant


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
def cancel(request: HttpRequest, booking_id: str) -> HttpResponse:
    """Show what would come back, then cancel."""
    booking = booking_or_404(booking_id)
    actor = actor_for(request, booking, verb="cancel")
    now = timezone.now()
    problem = ""
    if request.method == "POST":
        try:
            cancel_with_refund(
                booking_id=booking.public_id,
                reason=request.POST.get("reason", ""),
                actor=label_of(actor),
                now=now,
            )
        except Conflict as refusal:
            problem = str(refusal.message)
        else:
            return redirect("booking", booking.public_id)
    paid = Money(max(0, booking.paid_minor - booking.refunded_minor), booking.currency)
    refund = due_back(booking, now=now)
    context = {
        "booking": booking,
        "business": booking.business,
        "paid": paid,
        "refund": refund,
        "refund_text": _refund_text(refund),
        "problem": problem,
        "reason": request.POST.get("reason", ""),
        "back_url": reverse("booking", args=[booking.public_id]),
    }
    return render(request, "bookings/cancel.html", context, status=409 if problem else 200)


def _refund_text(refund: Money) -> str:
    hours = settings.BOOKING_FREE_CANCEL_HOURS
    if refund.minor:
        return _("The money goes back the way it came, usually within five working days.")
    return _(
        "Within %(hours)s hours of the start the deposit stays with the business. "
        "Write to them if something came up; they may decide otherwise."
    ) % {"hours": hours}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
def reschedule(request: HttpRequest, booking_id: str) -> HttpResponse:
    """Show the free times of the same service, then move."""
    booking = booking_or_404(booking_id)
    actor = actor_for(request, booking, verb="reschedule")
    now = timezone.now()
    starts_at = read_instant(request.POST.get("starts_at", ""))
    problem = ""
    if request.method == "POST" and starts_at is not None:
        try:
            moved = actions.reschedule_booking(
                booking_id=booking.public_id,
                starts_at=starts_at,
                actor=label_of(actor),
                now=now,
            )
        except SlotUnavailable:
            problem = _("That time was just taken. Here is what is still free.")
        except IllegalTransition as refusal:
            problem = str(refusal.message)
        else:
            local = moved.starts_at.astimezone(booking.business.zone)
            text = _("Moved to %(day)s.") % {
                "day": f"{long_date(local.date())}, {format_time(local, 'short', locale=locale())}"
            }
            messages.success(request, text)
            return redirect(_back(actor, booking))
    choice = _choice(booking)
    context = {
        **summary(choice),
        **slot_context(request, choice, now=now),
        "performers": [],
        "booking": booking,
        "steps": steps(1, needs_payment=False)[:1],
        "tiers": [],
        "heading": _("Choose another time"),
        "problem": problem,
        "details_url": request.path,
        "moving": booking.public_id,
        "starts_at": booking.starts_at,
        "back_url": _back(actor, booking),
    }
    return render(request, "bookings/reschedule.html", context, status=409 if problem else 200)


def _back(actor: Actor, booking: Booking) -> str:
    """Return the booking's page: at the desk for its people, else the customer's."""
    is_desk = isinstance(actor, User) and can_in(actor, "view", Booking, booking.business)
    name = "manage_booking" if is_desk else "booking"
    return reverse(name, args=[booking.public_id])


def _choice(booking: Booking) -> Choice:
    service = find_service(business=booking.business, slug=booking.service.slug)
    tier = next((t for t in getattr(service, "offered_tiers", []) if t.pk == booking.tier_id), None)
    if service is None or tier is None:
        raise NotFound
    tier.service = service
    return Choice(booking.business, service, [tier], tier, booking.calendar.public_id)


@require_safe
@page
def calendar_file(request: HttpRequest, booking_id: str) -> HttpResponse:
    """Return the appointment for the customer's own calendar (RFC 5545)."""
    booking = booking_or_404(booking_id)
    actor_for(request, booking)
    calendar = Calendar()
    calendar.add("prodid", "-//Frontdesk//Bookings//EN")
    calendar.add("version", "2.0")
    event = Event()
    event.add("uid", f"{booking.public_id}@frontdesk")
    # The version makes a calendar replace what it imported before the booking moved.
    event.add("sequence", booking.version)
    event.add("dtstamp", timezone.now())
    event.add("dtstart", booking.starts_at)
    event.add("dtend", booking.ends_at)
    event.add("summary", f"{booking.service.name}, {booking.business.name}")
    if booking.business.address:
        event.add("location", booking.business.address)
    event.add("url", settings.SITE_URL + reverse("booking", args=[booking.public_id]))
    event.add("status", "CANCELLED" if booking.status == "canceled" else "CONFIRMED")
    calendar.add_component(event)
    answer = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{booking.public_id}.ics"'
    return answer
