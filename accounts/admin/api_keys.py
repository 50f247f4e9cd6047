"""API keys in the admin: looked at and revoked here, made on the owner's own page."""

from typing import ClassVar

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.api_keys import actions
from accounts.console import (
    Button,
    Call,
    Headline,
    ScopedFilter,
    ScopedModelAdmin,
    badge,
    facts,
    zoned,
)
from accounts.models import ApiKey

_TONES = {"active": "success", "retiring": "warning", "expired": "", "revoked": "danger"}


def _revoke(item: ApiKey, call: Call) -> None:
    actions.revoke_key(key_id=item.pk, actor=call.actor, reason=call.reason, now=timezone.now())


@admin.register(ApiKey)
class ApiKeyAdmin(ScopedModelAdmin):
    """Keys of one's own businesses, without anything that could be used."""

    fields = readonly_fields = (
        "name",
        "business",
        "kind",
        "scopes",
        "created_by",
        "created_at",
        "expires_at",
        "retires_at",
        "revoked_at",
        "last_used_at",
        "public_id",
    )
    list_display = ("name", "shown_key", "business", "state", "last_use", "ends")
    list_filter = (("business", ScopedFilter), "kind")
    list_select_related = ("business",)
    search_words = ("name",)
    search_exact = ("public_id", "prefix", "last4")
    ordering = ("-id",)
    buttons: ClassVar[tuple[Button, ...]] = (
        Button(
            "revoke",
            gettext_lazy("Revoke"),
            "manage",
            _revoke,
            effect=gettext_lazy("Within seconds the program that uses it is refused."),
            is_offered=lambda key: key.revoked_at is None,
            asks_reason=True,
            tone="danger",
            audits_itself=True,
        ),
    )

    @display(description=gettext_lazy("key"))
    def shown_key(self, obj: ApiKey) -> str:
        """Show the ends of the key."""
        return obj.shown

    @display(description=gettext_lazy("state"))
    def state(self, obj: ApiKey) -> str:
        """Show what the key is worth."""
        state = obj.state_at(timezone.now())
        return badge(state.label, _TONES[state.value])

    @display(description=gettext_lazy("last use"), ordering="last_used_at")
    def last_use(self, obj: ApiKey) -> str:
        """Show when it was last used, to the minute."""
        return zoned(obj.last_used_at, obj.business.timezone)

    @display(description=gettext_lazy("ends"))
    def ends(self, obj: ApiKey) -> str:
        """Show until when it is accepted."""
        return zoned(obj.ends_at, obj.business.timezone)

    def headline(self, obj: ApiKey) -> Headline:
        """Show which key, what it is worth, and what it may do."""
        state = obj.state_at(timezone.now())
        return Headline(
            obj.name,
            state.label,
            _TONES[state.value],
            obj.shown,
            facts(
                (_("Business"), obj.business.name),
                (_("Kind"), obj.get_kind_display()),
                (_("Scopes"), ", ".join(obj.scopes)),
                (_("Last use"), zoned(obj.last_used_at, obj.business.timezone)),
                (_("Ends"), zoned(obj.ends_at, obj.business.timezone)),
            ),
        )
