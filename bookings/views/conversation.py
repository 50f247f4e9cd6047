"""The talk on a booking, for both sides."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from bookings import actions
from bookings.forms import MessageForm
from bookings.models import ConversationMessage
from bookings.queries import conversation
from bookings.views import live
from bookings.views.access import actor_for, booking_or_404, label_of
from common.pages import page


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
def messages_page(request: HttpRequest, booking_id: str) -> HttpResponse:
    """Show the talk; add to it. A refused message keeps its words."""
    booking = booking_or_404(booking_id)
    actor = actor_for(request, booking, verb="message")
    side = conversation.side_of(booking, actor=actor)
    form = MessageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        author = actor if isinstance(actor, User) else None
        actions.post_message(
            booking_id=booking.public_id,
            side=side,
            body=form.cleaned_data["body"],
            author=author,
            actor=label_of(actor),
            now=timezone.now(),
        )
        return redirect("booking_messages", booking.public_id)
    is_staff_side = side == ConversationMessage.Side.BUSINESS
    back = "manage_booking" if is_staff_side else "booking"
    context = {
        "booking": booking,
        "business": booking.business,
        "talk": conversation.lines(booking, actor=actor),
        "is_staff_side": is_staff_side,
        "conversation_url": request.path,
        "message_draft": request.POST.get("body", ""),
        "message_error": _("Write a message of up to 4,000 characters.") if form.errors else "",
        "back_url": reverse(back, args=[booking.public_id]),
        **live.context(request, booking=booking),
    }
    return render(
        request, "bookings/conversation.html", context, status=400 if form.errors else 200
    )
