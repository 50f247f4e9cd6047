"""The desk: bookings with everything staff do to them, each by a button."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.console import (
    Button,
    Call,
    Headline,
    ScopedFilter,
    ScopedInline,
    ScopedModelAdmin,
    badge,
    facts,
    link_to,
    money,
    person,
    tone_of,
    zoned,
)
from bookings import actions
from bookings.actions.calling_off import cancel_with_refund
from bookings.admin.filters import PaidFilter, WhenFilter
from bookings.admin.forms import CancelForm, MessageForm, ReassignForm, RescheduleForm
from bookings.models import Booking, ConversationMessage, Task
from bookings.queries.bookings import timeline_subjects
from payments import actions as payment_actions
from payments import queries as payment_queries

_S = Booking.Status


def _confirm(booking: Booking, call: Call) -> None:
    actions.confirm_booking(booking_id=booking.public_id, now=timezone.now(), actor=call.actor)


def _approve(booking: Booking, call: Call) -> None:
    actions.approve_request(booking_id=booking.public_id, now=timezone.now(), actor=call.actor)


def _decline(booking: Booking, call: Call) -> None:
    actions.decline_request(
        booking_id=booking.public_id, now=timezone.now(), reason=call.reason, actor=call.actor
    )


def _complete(booking: Booking, call: Call) -> None:
    actions.complete_booking(booking_id=booking.public_id, now=timezone.now(), actor=call.actor)


def _no_show(booking: Booking, call: Call) -> None:
    actions.mark_no_show(booking_id=booking.public_id, now=timezone.now(), actor=call.actor)


def _cancel(booking: Booking, call: Call) -> None:
    now = timezone.now()
    by_rules = call.values["refund"] == "rules"
    cancel = cancel_with_refund if by_rules else actions.cancel_booking
    cancel(booking_id=booking.public_id, now=now, reason=call.reason, actor=call.actor)
    if call.values["refund"] != "all":
        return
    paid = payment_queries.payments_of(
        payable_type=actions.BOOKING_PAYABLE.type, payable_id=booking.public_id
    )
    for payment in paid.filter(status="succeeded"):
        if payment.refundable.minor > 0:
            payment_actions.request_refund(
                payment_id=payment.public_id,
                request_id=f"{booking.public_id}-canceled",
                reason=call.reason,
                now=now,
                actor=call.actor,
            )


def _reassign(booking: Booking, call: Call) -> None:
    actions.reschedule_booking(
        booking_id=booking.public_id,
        starts_at=booking.starts_at,
        calendar_id=call.values["calendar"],
        now=timezone.now(),
        actor=call.actor,
        by_staff=True,
    )


def _reschedule(booking: Booking, call: Call) -> None:
    actions.reschedule_booking(
        booking_id=booking.public_id,
        starts_at=call.values["starts_at"],
        now=timezone.now(),
        actor=call.actor,
        by_staff=True,
    )


def _message(booking: Booking, call: Call) -> str:
    actions.post_message(
        booking_id=booking.public_id,
        side=ConversationMessage.Side.BUSINESS,
        body=call.values["body"],
        now=timezone.now(),
        author=call.user,
        author_name=call.user.get_full_name(),
        actor=call.actor,
    )
    return _("Sent to the customer.")


def _has_begun(booking: Booking) -> bool:
    return booking.starts_at <= timezone.now()


_BUTTONS = (
    Button(
        "approve",
        gettext_lazy("Approve"),
        "confirm",
        _approve,
        effect=gettext_lazy("Confirmed when nothing is due, else the customer is asked to pay."),
        is_offered=lambda row: row.status == _S.REQUESTED,
        tone="primary",
    ),
    Button(
        "decline",
        gettext_lazy("Decline"),
        "confirm",
        _decline,
        effect=gettext_lazy("The time is free again; the customer is told."),
        is_offered=lambda row: row.status == _S.REQUESTED,
        asks_reason=True,
        tone="danger",
    ),
    Button(
        "confirm",
        gettext_lazy("Confirm"),
        "confirm",
        _confirm,
        effect=gettext_lazy("Confirmed without payment through a gateway, such as paid in cash."),
        is_offered=lambda row: row.status in {_S.PENDING, _S.EXPIRED},
        tone="primary",
    ),
    Button(
        "complete",
        gettext_lazy("Took place"),
        "complete",
        _complete,
        is_offered=lambda row: row.status in {_S.CONFIRMED, _S.NO_SHOW} and _has_begun(row),
        tone="primary",
    ),
    Button(
        "no-show",
        gettext_lazy("Did not come"),
        "complete",
        _no_show,
        is_offered=lambda row: row.status in {_S.CONFIRMED, _S.COMPLETED} and _has_begun(row),
    ),
    Button(
        "message",
        gettext_lazy("Message"),
        "message",
        _message,
        form=MessageForm,
    ),
    Button(
        "reassign",
        gettext_lazy("Reassign"),
        "reschedule",
        _reassign,
        effect=gettext_lazy("The time stays; somebody else takes it if they are free."),
        is_offered=lambda row: row.status in {_S.REQUESTED, _S.PENDING, _S.CONFIRMED},
        form=ReassignForm,
        in_bulk=False,
    ),
    Button(
        "reschedule",
        gettext_lazy("Reschedule"),
        "reschedule",
        _reschedule,
        effect=gettext_lazy("Price and length stay as agreed; the customer is told."),
        is_offered=lambda row: row.status in {_S.REQUESTED, _S.PENDING, _S.CONFIRMED},
        form=RescheduleForm,
        in_bulk=False,
    ),
    Button(
        "cancel",
        gettext_lazy("Cancel booking"),
        "cancel",
        _cancel,
        effect=gettext_lazy("The time is free again and the customer is told the reason."),
        is_offered=lambda row: row.status in {_S.REQUESTED, _S.PENDING, _S.CONFIRMED},
        asks_reason=True,
        form=CancelForm,
        tone="danger",
    ),
)


class TaskInline(ScopedInline):
    """What is to be done for the booking."""

    model = Task
    fields = readonly_fields = ("title", "assignee", "due_at", "status")


class MessageInline(ScopedInline):
    """The conversation."""

    model = ConversationMessage
    show_change_link = False
    fields = readonly_fields = ("author_name", "body", "created_at")


@admin.register(Booking)
class BookingAdmin(ScopedModelAdmin):
    """Appointments; nothing is edited here but the note for staff."""

    change_verb = "change"
    list_display = ("customer", "what", "starts", "state", "paid", "who", "code")
    list_filter = (
        WhenFilter,
        "status",
        PaidFilter,
        ("business", ScopedFilter),
        ("service", ScopedFilter),
        ("calendar", ScopedFilter),
        "channel",
    )
    list_select_related = ("business", "contact", "service", "tier", "calendar")
    search_people = ("contact__search_text",)
    search_exact = ("public_id",)
    fields = (
        "staff_note",
        "customer_note",
        "cancel_reason",
        "channel",
        "seats",
        "hold_expires_at",
        "created_at",
        "confirmed_at",
        "ended_at",
        "public_id",
    )
    readonly_fields = fields[1:]
    inlines = (TaskInline, MessageInline)
    watched = ("status", "starts_at", "calendar_id")
    buttons: ClassVar[tuple[Button, ...]] = _BUTTONS

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Order by start for a business, which an index serves; by making across businesses."""
        return ("-id",) if person(request).is_superuser else ("-starts_at", "-id")

    @display(description=gettext_lazy("customer"), ordering="contact__name")
    def customer(self, obj: Booking) -> str:
        """Show who comes."""
        return obj.contact.name

    @display(description=gettext_lazy("service"), ordering="service__name")
    def what(self, obj: Booking) -> str:
        """Show service and tier."""
        return format_html(
            '{}<br><span class="fd-muted fd-small">{}</span>', obj.service.name, obj.tier.name
        )

    @display(description=gettext_lazy("start"), ordering="starts_at")
    def starts(self, obj: Booking) -> str:
        """Show the start in the business's zone."""
        return zoned(obj.starts_at, obj.business.timezone)

    @display(description=gettext_lazy("status"), ordering="status")
    def state(self, obj: Booking) -> str:
        """Show the status."""
        return badge(obj.get_status_display(), tone_of(obj.status))

    @display(description=gettext_lazy("paid / price"), ordering="price_minor")
    def paid(self, obj: Booking) -> str:
        """Show what was paid of the price, less what went back."""
        return format_html(
            '<span class="fd-nowrap">{} <span class="fd-muted">/ {}</span></span>',
            money(obj.paid_minor - obj.refunded_minor, obj.currency),
            money(obj.price_minor, obj.currency),
        )

    @display(description=gettext_lazy("staff"), ordering="calendar__name")
    def who(self, obj: Booking) -> str:
        """Show who takes it."""
        return obj.calendar.name

    @display(description=gettext_lazy("code"), ordering="id")
    def code(self, obj: Booking) -> str:
        """Show the id's end, which is enough to tell it by phone."""
        return format_html('<code title="{}">…{}</code>', obj.public_id, obj.public_id[-6:])

    def headline(self, obj: Booking) -> Headline:
        """Show who, when, what and the money."""
        zone = obj.business.timezone
        payments = reverse("admin:payments_payment_changelist")
        return Headline(
            obj.contact.name,
            obj.get_status_display(),
            tone_of(obj.status),
            f"{obj.service.name}: {obj.tier.name} · {obj.business.name}",
            facts(
                (_("Starts"), zoned(obj.starts_at, zone, style="day")),
                (_("With"), obj.calendar.name),
                (_("Price"), money(obj.price_minor, obj.currency)),
                (
                    _("Paid"),
                    format_html(
                        '<a class="fd-link" href="{}?q={}">{}</a>',
                        payments,
                        obj.public_id,
                        money(obj.paid_minor - obj.refunded_minor, obj.currency),
                    ),
                ),
                (_("Due when booking"), money(obj.deposit_minor, obj.currency)),
                (_("Customer"), link_to(obj.contact)),
                (_("Phone"), obj.contact.phone),
                (_("Email"), obj.contact.email),
            ),
        )

    def subjects(self, obj: Booking) -> tuple[str, ...]:
        """Show the history of the booking, its tasks, payments and refunds."""
        paid = payment_queries.payments_of(
            payable_type=actions.BOOKING_PAYABLE.type, payable_id=obj.public_id
        )
        money_ids = [
            public_id
            for payment in paid
            for public_id in (payment.public_id, *(row.public_id for row in payment.refunds.all()))
        ]
        return (*timeline_subjects(obj), *money_ids)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read what the page shows with the row."""
        return super().get_queryset(request).select_related(*self.list_select_related)
