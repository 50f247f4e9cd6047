"""Inbound notices in the admin: what arrived, what became of it, and a second try."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.console import Headline, badge, facts, is_list, pretty, zoned
from accounts.console.work import WorkAdmin
from accounts.models import Role
from webhooks.models import InboundEvent


@admin.register(InboundEvent)
class InboundEventAdmin(WorkAdmin):
    """Notices as stored; the body is shown with secrets and personal data masked."""

    roles: ClassVar = frozenset({Role.OWNER, Role.MANAGER, Role.DEVELOPER, Role.FINANCE})
    list_display = (
        "type",
        "provider",
        "state_badge",
        "outcome",
        "repeats",
        "attempts",
        "arrived",
        "short_error",
    )
    list_filter = (*WorkAdmin.list_filter, "provider", "has_conflict")
    search_words = ("type",)
    search_exact = ("event_id", "public_id", "account", "endpoint_id")
    fields = readonly_fields = (
        "provider",
        "account",
        "endpoint_id",
        "business",
        "event_id",
        "type",
        "outcome",
        "shown_body",
        "address",
        "received_at",
        "duplicates",
        "has_conflict",
        *WorkAdmin.work_fields,
        "public_id",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave bodies out of the list."""
        rows = super().get_queryset(request)
        return rows.defer("body") if is_list(request) else rows

    @display(description=gettext_lazy("repeats"), ordering="duplicates")
    def repeats(self, obj: InboundEvent) -> str:
        """Show how often it came again, and whether one had other content."""
        if obj.has_conflict:
            return badge(_("other content"), "danger")
        return str(obj.duplicates) if obj.duplicates else "—"

    @display(description=gettext_lazy("arrived"), ordering="id")
    def arrived(self, obj: InboundEvent) -> str:
        """Show when it first arrived."""
        return zoned(obj.received_at, "UTC")

    @display(description=gettext_lazy("body"))
    def shown_body(self, obj: InboundEvent) -> str:
        """Show the body, masked."""
        try:
            return pretty(obj.payload)
        except ValueError:
            return pretty(bytes(obj.body).decode(errors="replace"))

    def headline(self, obj: InboundEvent) -> Headline:
        """Show what was told by whom and what became of it."""
        line = super().headline(obj)
        return Headline(
            obj.type,
            line.status,
            line.tone,
            obj.last_error[:300] or obj.outcome,
            facts(
                (_("Gateway"), obj.provider),
                (_("Arrived"), zoned(obj.received_at, "UTC")),
                (_("Repeats"), str(obj.duplicates)),
                (_("Attempts"), str(obj.attempts)),
                (_("Notice id"), obj.event_id),
            ),
        )
