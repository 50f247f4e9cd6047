"""Payments in the admin: read-only, moved by buttons."""

import datetime as dt
import secrets
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from accounts.console import (
    Button,
    ButtonForm,
    Call,
    Headline,
    ScopedFilter,
    ScopedInline,
    ScopedModelAdmin,
    badge,
    facts,
    link_to,
    money,
    pretty,
    tone_of,
    zoned,
)
from accounts.console.named import named
from common.money import Money, exponent
from payments import actions, provider_calls
from payments.models import LedgerEntry, Payment, Refund


def left_to_refund(payment: Payment) -> Money:
    """Return what is neither refunded nor on its way back; the action decides under its lock."""
    gone = payment.refunds.exclude(status__in=["failed", "canceled"])
    taken = gone.aggregate(total=Sum("amount_minor", default=0))["total"]
    return Money(payment.captured_minor - taken, payment.currency)


class RefundForm(ButtonForm):
    """How much goes back; left as it is, all that was received and not yet returned."""

    wish = forms.CharField(widget=forms.HiddenInput, max_length=60)
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), min_value=0, widget=UnfoldAdminDecimalFieldWidget()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer what is left, in the payment's own unit; a repeated submit is the same wish."""
        super().__init__(*args, **kwargs)
        payment: Payment = self.item  # type: ignore[assignment]  # the button is not offered in bulk
        places = exponent(payment.currency)
        left = left_to_refund(payment)
        amount = self.fields["amount"]
        amount.decimal_places = places  # type: ignore[attr-defined]  # a DecimalField
        amount.label = f"{_('Amount')} ({payment.currency})"
        amount.help_text = _("Up to %(most)s. Change it for a partial refund.") % {
            "most": money(left.minor, left.currency)
        }
        amount.widget.attrs["step"] = str(Decimal(1).scaleb(-places))
        amount.initial = left.major
        self.fields["wish"].initial = f"admin-{secrets.token_hex(12)}"

    def clean_amount(self) -> Money:
        """Return the amount in whole minor units; refuses finer ones."""
        payment: Payment = self.item  # type: ignore[assignment]  # the button is not offered in bulk
        minor = self.cleaned_data["amount"].scaleb(exponent(payment.currency))
        if minor != minor.to_integral_value() or minor <= 0:
            raise forms.ValidationError(_("Enter an amount above nothing, in whole units."))
        return Money(int(minor), payment.currency)


def _refund(payment: Payment, call: Call) -> str:
    refund = actions.request_refund(
        payment_id=payment.public_id,
        request_id=call.values["wish"],
        reason=call.reason,
        amount=call.values["amount"],
        now=timezone.now(),
        actor=call.actor,
    )
    return _("Refund of %(amount)s requested (%(id)s). The gateway's answer shows here.") % {
        "amount": money(refund.amount_minor, refund.currency),
        "id": refund.public_id,
    }


def _query(payment: Payment, _call: Call) -> str:
    checked = provider_calls.check_payment(payment_id=payment.public_id)
    if checked is None or checked.is_being_checked:
        return _("The gateway has not answered yet; it is asked again by itself.")
    return _("The gateway says: %(status)s.") % {"status": checked.get_status_display()}


def _cancel(payment: Payment, call: Call) -> None:
    actions.cancel_payment(payment_id=payment.public_id, now=timezone.now(), actor=call.actor)


def _resolve(payment: Payment, call: Call) -> None:
    actions.resolve_review(
        payment_id=payment.public_id, actor=call.actor, reason=call.reason, now=timezone.now()
    )


class StateFilter(admin.SimpleListFilter):
    """Payments that need somebody."""

    title = gettext_lazy("needs somebody")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [
            ("review", _("in review")),
            ("checked", _("being checked at the gateway")),
            ("failed_24h", _("failed in the last 24 hours")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the chosen rows."""
        if self.value() == "review":
            return queryset.exclude(review_reason="")
        if self.value() == "checked":
            return queryset.filter(uncertain_since__isnull=False, ended_at__isnull=True)
        if self.value() == "failed_24h":
            since = timezone.now() - dt.timedelta(hours=24)
            return queryset.filter(status="failed", ended_at__gte=since)
        return queryset


class RefundInline(ScopedInline):
    """What went back."""

    model = Refund
    fields = readonly_fields = ("public_id", "shown_amount", "status", "reason", "requested_at")

    @display(description=gettext_lazy("amount"))
    def shown_amount(self, obj: Refund) -> str:
        """Show the amount."""
        return money(obj.amount_minor, obj.currency)


class LedgerInline(ScopedInline):
    """Movements the gateway told of."""

    model = LedgerEntry
    show_change_link = False
    fields = readonly_fields = ("kind", "shown_amount", "provider_reference", "at")

    @display(description=gettext_lazy("amount"))
    def shown_amount(self, obj: LedgerEntry) -> str:
        """Show the amount."""
        return money(obj.amount_minor, obj.currency)


@admin.register(Payment)
class PaymentAdmin(ScopedModelAdmin):
    """Money asked for and what became of it."""

    list_display = ("amount", "customer", "state", "via", "purpose", "created", "public_id")
    list_filter = (
        StateFilter,
        "status",
        "gateway_account__gateway",
        ("business", ScopedFilter),
        "currency",
        "purpose",
    )
    list_select_related = ("business", "contact", "gateway_account")
    search_people = ("contact__search_text",)
    search_exact = ("public_id", "provider_id", "provider_session_id", "payable_id")
    ordering = ("-id",)
    watched = ("status", "review_reason")
    inlines = (RefundInline, LedgerInline)
    fields = readonly_fields = (
        "description",
        "purpose",
        "flow",
        "paid_for",
        "failure_code",
        "uncertain_since",
        "review_reason",
        "shown_review",
        "provider_id",
        "provider_session_id",
        "expires_at",
        "public_id",
    )
    buttons: ClassVar[tuple[Button, ...]] = (
        Button(
            "refund",
            gettext_lazy("Refund"),
            "refund",
            _refund,
            effect=gettext_lazy("The money goes back the way it came; the customer is told."),
            is_offered=lambda row: row.status == "succeeded" and left_to_refund(row).minor > 0,
            asks_reason=True,
            form=RefundForm,
            tone="danger",
            in_bulk=False,
            audits_itself=True,
        ),
        Button(
            "query",
            gettext_lazy("Ask the gateway"),
            "refund",
            _query,
            effect=gettext_lazy("Asks where the payment stands and applies the answer."),
            is_offered=lambda row: row.status != "succeeded" and not row.is_in_review,
            talks_to_provider=True,
        ),
        Button(
            "cancel",
            gettext_lazy("Stop collecting"),
            "cancel",
            _cancel,
            effect=gettext_lazy("The customer can no longer pay this one."),
            is_offered=lambda row: row.is_open,
            asks_reason=True,
            tone="danger",
        ),
        Button(
            "resolve",
            gettext_lazy("Close the review"),
            "review",
            _resolve,
            effect=gettext_lazy("The gateway is asked anew and its answer judged again."),
            is_offered=lambda row: row.is_in_review,
            asks_reason=True,
            tone="primary",
            audits_itself=True,
        ),
    )

    @display(description=gettext_lazy("amount"), ordering="amount_minor")
    def amount(self, obj: Payment) -> str:
        """Show the amount."""
        return money(obj.amount_minor, obj.currency)

    @display(description=gettext_lazy("customer"), ordering="contact__name")
    def customer(self, obj: Payment) -> str:
        """Show who pays."""
        return str(obj.contact or "—")

    @display(description=gettext_lazy("status"), ordering="status")
    def state(self, obj: Payment) -> str:
        """Show the status; one in review or being checked says so."""
        return badge(*_state(obj))

    @display(description=gettext_lazy("gateway"), ordering="gateway_account__gateway")
    def via(self, obj: Payment) -> str:
        """Show the gateway and whether it is a test."""
        account = obj.gateway_account
        return account.gateway if account.mode == "live" else f"{account.gateway} ({account.mode})"

    @display(description=gettext_lazy("created"), ordering="id")
    def created(self, obj: Payment) -> str:
        """Show when it was asked for, in the business's zone."""
        return zoned(obj.created_at, obj.business.timezone)

    @display(description=gettext_lazy("paid for"))
    def paid_for(self, obj: Payment) -> str:
        """Show what the money is for, by name and id."""
        return named(obj.payable_id)

    @display(description=gettext_lazy("what did not fit"))
    def shown_review(self, obj: Payment) -> str:
        """Show expected and received facts."""
        return pretty(obj.review_detail) if obj.review_detail else "—"

    def headline(self, obj: Payment) -> Headline:
        """Show amount, state and what it is for."""
        text, tone = _state(obj)
        zone = obj.business.timezone
        return Headline(
            money(obj.amount_minor, obj.currency),
            text,
            tone,
            f"{obj.description or obj.get_purpose_display()} · {obj.business.name}",
            facts(
                (_("Customer"), link_to(obj.contact)),
                (_("Received"), money(obj.captured_minor, obj.currency)),
                (_("Refunded"), money(obj.refunded_minor, obj.currency)),
                (_("On its way back"), _on_its_way(obj)),
                (_("Gateway"), self.via(obj)),
                (_("Paid"), zoned(obj.succeeded_at, zone)),
                (_("Asked for"), zoned(obj.created_at, zone)),
                (_("Why it failed"), obj.failure_code),
            ),
        )

    def subjects(self, obj: Payment) -> tuple[str, ...]:
        """Show the history of the payment and its refunds."""
        return (obj.public_id, *obj.refunds.values_list("public_id", flat=True))


def _on_its_way(payment: Payment) -> str:
    under_way = payment.captured_minor - payment.refunded_minor - left_to_refund(payment).minor
    return money(under_way, payment.currency) if under_way > 0 else ""


def _state(payment: Payment) -> tuple[str, str]:
    if payment.is_in_review:
        return _("in review"), "danger"
    if payment.is_being_checked:
        return _("being checked"), "warning"
    if payment.refunded_minor:
        is_all = payment.refunded_minor == payment.captured_minor
        return (_("refunded") if is_all else _("partly refunded")), "info"
    return str(payment.get_status_display()), tone_of(payment.status)
