"""Invitations in the admin: who was asked to join, and sending it again or withdrawing it."""

from typing import ClassVar

from django.contrib import admin
from django.utils import timezone
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
    zoned,
)
from accounts.models import Invitation
from accounts.team import actions

_TONES = {"open": "info", "accepted": "success", "canceled": "", "expired": "warning"}


def _resend(item: Invitation, call: Call) -> str:
    actions.resend(invitation_id=item.public_id, inviter=call.user)
    return _("Sent again. The link before it no longer works.")


def _cancel(item: Invitation, call: Call) -> str:
    actions.cancel(invitation_id=item.public_id, by=call.user)
    return _("The invitation is withdrawn.")


def _is_open(item: Invitation) -> bool:
    return item.status == Invitation.Status.OPEN


@admin.register(Invitation)
class InvitationAdmin(ScopedModelAdmin):
    """Invitations, the newest first; made on the team page."""

    list_display = ("email", "business", "role", "state", "sent")
    list_filter = ("status", "role", ("business", ScopedFilter))
    list_select_related = ("business", "invited_by", "accepted_by")
    search_words = ("email",)
    search_exact = ("public_id",)
    ordering = ("-id",)
    fields = readonly_fields = (
        "business",
        "email",
        "role",
        "invited_by",
        "accepted_by",
        "created_at",
        "sent_at",
        "expires_at",
        "ended_at",
        "public_id",
    )
    buttons: ClassVar[tuple[Button, ...]] = (
        Button(
            "resend",
            gettext_lazy("Send again"),
            "change",
            _resend,
            is_offered=_is_open,
            in_bulk=False,
            audits_itself=True,
        ),
        Button(
            "cancel",
            gettext_lazy("Withdraw"),
            "change",
            _cancel,
            effect=gettext_lazy("The link works no more."),
            is_offered=_is_open,
            tone="danger",
            audits_itself=True,
        ),
    )

    @display(description=gettext_lazy("status"), ordering="status")
    def state(self, obj: Invitation) -> str:
        """Show how it stands now."""
        status = obj.status_at(timezone.now())
        return badge(str(status.label), _TONES[status.value])

    @display(description=gettext_lazy("sent"), ordering="sent_at")
    def sent(self, obj: Invitation) -> str:
        """Show when it went out last, in the business's zone."""
        return zoned(obj.sent_at, obj.business.timezone)

    def headline(self, obj: Invitation) -> Headline:
        """Show whom, as what, where."""
        status = obj.status_at(timezone.now())
        return Headline(
            obj.email,
            str(status.label),
            _TONES[status.value],
            obj.business.name,
            facts(
                (_("Role"), obj.get_role_display()),
                (_("Invited by"), obj.invited_by or ""),
                (_("Good until"), zoned(obj.expires_at, obj.business.timezone)),
            ),
        )
