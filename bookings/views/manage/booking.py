"""One booking at the desk: what it is, what happened, and every step that is possible now."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.policy import can, can_in, require
from bookings import actions
from bookings.actions import BOOKING_PAYABLE
from bookings.models import Booking, Task
from bookings.queries import conversation
from bookings.views import live
from bookings.views.access import booking_or_404, person_of
from bookings.views.account import booking_row
from bookings.views.manage.access import desk_context
from bookings.views.states import payment_row
from common.errors import DomainError, Forbidden, NotSignedIn
from common.pages import page
from payments import actions as payment_actions
from payments import queries as payment_queries

S = Booking.Status
_Step = Callable[..., Booking]
# What the form may ask for: the verb it needs and the action that does it.
_STEPS: dict[str, tuple[str, _Step]] = {
    "approve": ("confirm", actions.approve_request),
    "decline": ("confirm", actions.decline_request),
    "confirm": ("confirm", actions.confirm_booking),
    "cancel": ("cancel", actions.cancel_booking),
    "complete": ("complete", actions.complete_booking),
    "no_show": ("complete", actions.mark_no_show),
}
_WITH_REASON = {"cancel", "decline"}


def _opened(request: HttpRequest, booking_id: str, verb: str) -> tuple[Booking, User]:
    """Return the booking for somebody of the business; the customer has a page of their own."""
    booking = booking_or_404(booking_id)
    person = person_of(request)
    if not isinstance(person, User):
        raise NotSignedIn
    # The customer's own verbs do not open the desk.
    if not can_in(person, verb, Booking, booking.business):
        raise Forbidden
    return booking, person


@require_safe
@never_cache
@page
def booking_page(request: HttpRequest, booking_id: str) -> HttpResponse:
    """Show the booking to staff."""
    booking, person = _opened(request, booking_id, "view")
    now = timezone.now()
    payments = payment_queries.payments_of(
        payable_type=BOOKING_PAYABLE.type, payable_id=booking.public_id
    )
    rows = [
        {
            **payment_row(item),
            "can_refund": item.refundable.minor > 0 and can(person, "refund", item),
        }
        for item in payments
    ]
    context: dict[str, Any] = {
        **desk_context(request, booking.business, "manage_bookings"),
        **live.context(request, booking=booking),
        "booking": booking,
        "row": booking_row(booking, now=now),
        "steps": _possible(booking, person),
        "can_reschedule": booking.status in {S.PENDING, S.CONFIRMED, S.REQUESTED}
        and booking.holds_time(now)
        and can(person, "reschedule", booking),
        "payments": rows,
        "tasks": list(
            Task.objects.select_related("assignee").filter(booking=booking).order_by("due_at", "id")
        ),
        "talk": conversation.lines(booking, actor=person),
        "is_staff_side": True,
        "can_message": can(person, "message", booking),
        "conversation_url": reverse("booking_messages", args=[booking.public_id]),
        "page_url": request.path,
    }
    return render(request, "bookings/manage/booking.html", context)


def _possible(booking: Booking, person: User) -> list[dict[str, str]]:
    now = timezone.now()
    status = S(booking.status)
    is_held, has_begun = booking.holds_time(now), now >= booking.starts_at
    labels: list[tuple[str, str, str]] = []
    if status == S.REQUESTED and is_held:
        labels = [("approve", _("Approve"), "primary"), ("decline", _("Decline"), "quiet-danger")]
    elif status == S.PENDING and is_held:
        labels = [("confirm", _("Confirm without deposit"), "")]
    elif status == S.CONFIRMED and has_begun:
        labels = [("complete", _("Was here"), "primary"), ("no_show", _("Did not come"), "")]
    elif status == S.COMPLETED:
        labels = [("no_show", _("Did not come"), "quiet")]
    elif status == S.NO_SHOW:
        labels = [("complete", _("Was here after all"), "quiet")]
    return [
        {"name": name, "label": label, "kind": kind}
        for name, label, kind in labels
        if can(person, _STEPS[name][0], booking)
    ]


@require_POST
@page
def step(request: HttpRequest, booking_id: str, name: str) -> HttpResponse:
    """Carry out one step and come back; a refusal is said at the top."""
    verb, action = _STEPS[name]
    booking, person = _opened(request, booking_id, verb)
    extra = {"reason": request.POST.get("reason", "")} if name in _WITH_REASON else {}
    try:
        action(booking_id=booking.public_id, actor=person.public_id, now=timezone.now(), **extra)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Done. The customer is told."))
    return redirect("manage_booking", booking_id)


@require_POST
@page
def refund(request: HttpRequest, booking_id: str) -> HttpResponse:
    """Ask for all that is left of a payment to go back."""
    booking, person = _opened(request, booking_id, "view")
    payment = payment_queries.find_payment(request.POST.get("payment", ""))
    if payment is None or payment.payable_id != booking.public_id:
        return redirect("manage_booking", booking_id)
    require(person, "refund", payment)
    # The same press twice names the same wish; one after a refund that failed names another.
    failed = payment.refunds.filter(status__in=["failed", "canceled"]).count()
    try:
        payment_actions.request_refund(
            payment_id=payment.public_id,
            request_id=f"desk-{payment.version}-{failed}",
            reason=request.POST.get("reason", "")[:200] or "requested_by_business",
            actor=person.public_id,
            now=timezone.now(),
        )
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The refund is on its way."))
    return redirect("manage_booking", booking_id)


@require_POST
@page
def task_done(request: HttpRequest, booking_id: str, task_id: str) -> HttpResponse:
    """Mark a task of the booking as done."""
    booking, person = _opened(request, booking_id, "view")
    task = (
        Task.objects.select_related("business").filter(booking=booking, public_id=task_id).first()
    )
    if task is not None:
        require(person, "change", task)
        try:
            actions.complete_task(
                task_id=task.public_id, actor=person.public_id, now=timezone.now()
            )
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
    return redirect("manage_booking", booking_id)
