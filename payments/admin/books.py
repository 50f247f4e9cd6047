"""Refunds and the ledger in the admin: read-only."""

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.console import (
    Headline,
    ScopedFilter,
    ScopedModelAdmin,
    badge,
    facts,
    link_to,
    money,
    tone_of,
    zoned,
)
from payments.models import LedgerEntry, Refund


@admin.register(Refund)
class RefundAdmin(ScopedModelAdmin):
    """Money on its way back."""

    list_display = ("amount", "customer", "state", "reason", "asked", "public_id")
    list_filter = ("status", ("payment__business", ScopedFilter))
    list_select_related = ("payment__business", "payment__contact")
    search_people = ("payment__contact__search_text",)
    search_exact = ("public_id", "provider_id", "payment__public_id")
    ordering = ("-id",)
    fields = readonly_fields = (
        "reason",
        "requested_by",
        "provider_id",
        "failure_code",
        "requested_at",
        "ended_at",
        "public_id",
    )

    @display(description=gettext_lazy("amount"), ordering="amount_minor")
    def amount(self, obj: Refund) -> str:
        """Show the amount."""
        return money(obj.amount_minor, obj.currency)

    @display(description=gettext_lazy("customer"))
    def customer(self, obj: Refund) -> str:
        """Show whose money it is."""
        return str(obj.payment.contact or "—")

    @display(description=gettext_lazy("status"), ordering="status")
    def state(self, obj: Refund) -> str:
        """Show the status."""
        return badge(obj.get_status_display(), tone_of(obj.status))

    @display(description=gettext_lazy("asked for"), ordering="id")
    def asked(self, obj: Refund) -> str:
        """Show when it was asked for."""
        return zoned(obj.requested_at, obj.payment.business.timezone)

    def headline(self, obj: Refund) -> Headline:
        """Show amount, state and the payment."""
        return Headline(
            money(obj.amount_minor, obj.currency),
            obj.get_status_display(),
            tone_of(obj.status),
            obj.reason,
            facts(
                (
                    _("Payment"),
                    link_to(
                        obj.payment,
                        obj.payment.description or money(obj.payment.amount_minor, obj.currency),
                    ),
                ),
                (_("Customer"), link_to(obj.payment.contact)),
                (_("Asked for"), self.asked(obj)),
                (_("Why it failed"), obj.failure_code),
            ),
        )

    def subjects(self, obj: Refund) -> tuple[str, ...]:
        """Show the history of the refund."""
        return (obj.public_id,)

    def zone_of(self, obj: Refund) -> str:
        """Return the business's zone."""
        return obj.payment.business.timezone


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ScopedModelAdmin):
    """Every movement of money a gateway told of."""

    has_timeline = False
    list_display = ("amount", "kind_badge", "customer", "provider_reference", "entered")
    list_filter = ("kind", "currency", ("payment__business", ScopedFilter))
    list_select_related = ("payment__business", "payment__contact")
    search_exact = ("provider_reference", "payment__public_id")
    ordering = ("-id",)
    fields = readonly_fields = ("paid_for", "kind", "provider_reference", "at")

    @display(description=gettext_lazy("amount"), ordering="amount_minor")
    def amount(self, obj: LedgerEntry) -> str:
        """Show the amount; what went out is negative."""
        sign = -1 if obj.kind == LedgerEntry.Kind.REFUND else 1
        return money(sign * obj.amount_minor, obj.currency)

    @display(description=gettext_lazy("kind"), ordering="kind")
    def kind_badge(self, obj: LedgerEntry) -> str:
        """Show the direction."""
        is_out = obj.kind == LedgerEntry.Kind.REFUND
        return badge(obj.get_kind_display(), "warning" if is_out else "success")

    @display(description=gettext_lazy("customer"))
    def customer(self, obj: LedgerEntry) -> str:
        """Show who paid."""
        return str(obj.payment.contact or "—")

    @display(description=gettext_lazy("entered"), ordering="id")
    def entered(self, obj: LedgerEntry) -> str:
        """Show when it was entered."""
        return zoned(obj.at, obj.payment.business.timezone)

    def headline(self, obj: LedgerEntry) -> Headline:
        """Show the amount and the payment."""
        return Headline(
            self.amount(obj),
            obj.get_kind_display(),
            facts=facts((_("Payment"), self.paid_for(obj)), (_("Entered"), self.entered(obj))),
        )

    def zone_of(self, obj: LedgerEntry) -> str:
        """Return the business's zone."""
        return obj.payment.business.timezone

    @display(description=gettext_lazy("payment"))
    def paid_for(self, obj: LedgerEntry) -> str:
        """Link to the payment by what it was for."""
        return link_to(obj.payment, obj.payment.description or self.amount(obj))
