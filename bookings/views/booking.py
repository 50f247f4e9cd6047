"""The page of one booking: pay, wait, confirmed, and what may be done with it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.policy import Actor
from bookings.actions import BOOKING_PAYABLE
from bookings.models import Booking
from bookings.queries import conversation
from bookings.views import live, states
from bookings.views.access import actor_for, booking_or_404, label_of
from common.errors import DomainError
from common.pages import leave_to, page
from payments import provider_calls
from payments import queries as payment_queries


@require_safe
@never_cache
@page
def booking_page(request: HttpRequest, booking_id: str) -> HttpResponse:
    """Show the booking as it is now; the page re-reads itself when something changes."""
    booking = booking_or_404(booking_id)
    actor = actor_for(request, booking)
    return render(request, "bookings/booking.html", page_context(request, booking, actor))


def page_context(request: HttpRequest, booking: Booking, actor: Actor) -> dict[str, Any]:
    """Return what the page and its conversation show."""
    own_page = reverse("booking", args=[booking.public_id])
    is_back = "back" in request.GET and "canceled" not in request.GET
    shown = states.describe(
        booking,
        actor=actor,
        payments=list(
            payment_queries.payments_of(
                payable_type=BOOKING_PAYABLE.type, payable_id=booking.public_id
            )
        ),
        now=timezone.now(),
        url=f"{own_page}?back=1" if is_back else own_page,
        plain_url=own_page,
        is_back=is_back,
        again_url=reverse("service", args=[booking.business.slug, booking.service.slug]),
    )
    return {
        "booking": booking,
        "business": booking.business,
        "page": shown,
        "steps_name": _("Steps of booking"),
        "with_whom": booking.calendar.name,
        "talk": conversation.lines(booking, actor=actor) if shown.can_message else [],
        "conversation_url": reverse("booking_messages", args=[booking.public_id]),
        "is_staff_side": False,
        **live.context(request, booking=booking),
    }


@require_POST
@page
def pay(request: HttpRequest, booking_id: str) -> HttpResponse:
    """Start the payment and send the customer to where it is paid."""
    booking = booking_or_404(booking_id)
    actor = actor_for(request, booking, verb="pay")
    own_page = reverse("booking", args=[booking.public_id])
    try:
        payment = provider_calls.start_payment(
            payable_type=BOOKING_PAYABLE.type,
            payable_id=booking.public_id,
            purpose="deposit",
            gateway=request.POST.get("gateway", ""),
            flow="hosted",
            return_url=f"{settings.SITE_URL}{own_page}?back=1",
            actor=label_of(actor),
        )
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect(own_page)
    return leave_to(request, payment.checkout_url) if payment.checkout_url else redirect(own_page)
