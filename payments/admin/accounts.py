"""Gateway accounts in the admin, without their credentials."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.console import (
    Button,
    Call,
    Headline,
    ScopedFilter,
    ScopedModelAdmin,
    badge,
    facts,
)
from payments import actions
from payments.models import GatewayAccount


def _disable(account: GatewayAccount, call: Call) -> None:
    actions.disable_gateway_account(
        account_id=account.public_id, actor=call.actor, reason=call.reason
    )


@admin.register(GatewayAccount)
class GatewayAccountAdmin(ScopedModelAdmin):
    """Where money goes. Credentials are never shown, not even to superusers."""

    list_display = ("gateway", "label", "business", "mode_badge", "state", "priority")
    list_filter = ("gateway", "mode", "is_active", ("business", ScopedFilter))
    list_select_related = ("business",)
    search_exact = ("public_id", "reference", "endpoint_id")
    fields = readonly_fields = (
        "business",
        "gateway",
        "label",
        "mode",
        "reference",
        "endpoint_id",
        "is_active",
        "priority",
        "public_id",
    )
    watched = ("is_active",)
    buttons: ClassVar[tuple[Button, ...]] = (
        Button(
            "disable",
            gettext_lazy("Take out of use"),
            "change",
            _disable,
            effect=gettext_lazy("No new payments go through it; its notices are still heard."),
            is_offered=lambda account: account.is_active,
            asks_reason=True,
            tone="danger",
            in_bulk=False,
            audits_itself=True,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[GatewayAccount]:
        """Leave the credentials in the database."""
        rows: QuerySet[GatewayAccount] = super().get_queryset(request)
        return rows.defer("credentials")

    @display(description=gettext_lazy("mode"), ordering="mode")
    def mode_badge(self, obj: GatewayAccount) -> str:
        """Show whether money is real."""
        return badge(obj.get_mode_display(), "success" if obj.mode == "live" else "warning")

    @display(description=gettext_lazy("state"), ordering="is_active")
    def state(self, obj: GatewayAccount) -> str:
        """Show whether it takes payments."""
        return badge(_("in use"), "success") if obj.is_active else badge(_("out of use"))

    def headline(self, obj: GatewayAccount) -> Headline:
        """Show gateway, state and owner."""
        return Headline(
            f"{obj.gateway} {obj.label}".strip(),
            _("in use") if obj.is_active else _("out of use"),
            "success" if obj.is_active else "",
            obj.business.name if obj.business else _("the platform's own"),
            facts((_("Mode"), obj.get_mode_display())),
        )
