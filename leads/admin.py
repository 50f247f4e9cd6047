"""Leads in the admin: who asked, what was said, and the steps of the follow-up."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

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
    tone_of,
    zoned,
)
from accounts.models import Membership
from leads import actions
from leads.models import Communication, Lead


def _is_live(lead: Lead) -> bool:
    return lead.stage in {Lead.Stage.OPEN, Lead.Stage.WORKING}


class AssignForm(ButtonForm):
    """Which member follows the lead up."""

    member = forms.ModelChoiceField(
        label=gettext_lazy("Member"),
        queryset=Membership.objects.none(),
        widget=UnfoldAdminSelectWidget(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the members of the lead's business."""
        super().__init__(*args, **kwargs)
        lead: Lead = self.item  # type: ignore[assignment]  # the button is not offered in bulk
        self.fields["member"].queryset = (  # type: ignore[attr-defined]  # a ModelChoiceField
            Membership.objects.filter(business=lead.business_id)
            .select_related("user", "business")
            .order_by("user__full_name")
        )


class TalkForm(ButtonForm):
    """What was said, by whom and by what means."""

    direction = forms.ChoiceField(
        label=gettext_lazy("Direction"),
        choices=Communication.Direction.choices,
        initial=Communication.Direction.OUTGOING,
        widget=UnfoldAdminSelectWidget(),
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("By"),
        choices=Communication.Channel.choices,
        initial=Communication.Channel.PHONE,
        widget=UnfoldAdminSelectWidget(),
    )
    body = forms.CharField(
        label=gettext_lazy("What was said"),
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )


def _assign(lead: Lead, call: Call) -> None:
    actions.assign_lead(lead_id=lead.pk, membership=call.values["member"], actor=call.actor)


def _talk(lead: Lead, call: Call) -> None:
    actions.log_communication(
        lead_id=lead.pk,
        channel=call.values["channel"],
        direction=call.values["direction"],
        body=call.values["body"],
        author=call.user,
    )


def _win(lead: Lead, call: Call) -> None:
    actions.close_lead(lead_id=lead.pk, is_won=True, actor=call.actor)


def _lose(lead: Lead, call: Call) -> None:
    actions.close_lead(lead_id=lead.pk, is_won=False, actor=call.actor, reason=call.reason)


class CommunicationInline(ScopedInline):
    """What was said so far; added by the button."""

    model = Communication
    fields = readonly_fields = ("at", "direction", "channel", "body", "author")
    verbose_name_plural = gettext_lazy("Conversation")


@admin.register(Lead)
class LeadAdmin(ScopedModelAdmin):
    """Enquiries, the newest first."""

    list_display = ("contact", "asked", "state", "owner", "source", "made", "business")
    list_filter = (
        "stage",
        ("assigned_to", admin.EmptyFieldListFilter),
        "source",
        ("business", ScopedFilter),
    )
    list_select_related = ("business", "contact", "assigned_to__user", "assigned_to__business")
    search_people = ("contact__search_text",)
    search_words = ("message",)
    search_exact = ("public_id",)
    ordering = ("-id",)
    fields = readonly_fields = ("message", "lost_reason", "source", "public_id")
    inlines = (CommunicationInline,)
    watched = ("stage", "assigned_to_id")
    buttons: ClassVar[tuple[Button, ...]] = (
        Button(
            "talk",
            gettext_lazy("Note a conversation"),
            "follow_up",
            _talk,
            is_offered=_is_live,
            form=TalkForm,
            tone="primary",
            in_bulk=False,
        ),
        Button(
            "assign",
            gettext_lazy("Assign"),
            "assign",
            _assign,
            is_offered=_is_live,
            form=AssignForm,
            in_bulk=False,
        ),
        Button("win", gettext_lazy("Won"), "follow_up", _win, is_offered=_is_live),
        Button(
            "lose",
            gettext_lazy("Lost"),
            "follow_up",
            _lose,
            is_offered=_is_live,
            asks_reason=True,
            tone="danger",
        ),
    )

    @display(description=gettext_lazy("asked"))
    def asked(self, obj: Lead) -> str:
        """Show the beginning of the message."""
        return obj.message[:80]

    @display(description=gettext_lazy("stage"), ordering="stage")
    def state(self, obj: Lead) -> str:
        """Show the stage."""
        return badge(str(obj.get_stage_display()), tone_of(obj.stage))

    @display(description=gettext_lazy("assigned to"))
    def owner(self, obj: Lead) -> str:
        """Show who follows it up."""
        return str(obj.assigned_to.user) if obj.assigned_to else "—"

    @display(description=gettext_lazy("received"), ordering="id")
    def made(self, obj: Lead) -> str:
        """Show when it came in, in the business's zone."""
        return zoned(obj.created_at, obj.business.timezone)

    def headline(self, obj: Lead) -> Headline:
        """Show who asked, how to reach them and who answers."""
        return Headline(
            obj.contact.name,
            str(obj.get_stage_display()),
            tone_of(obj.stage),
            obj.business.name,
            facts(
                (_("Customer"), link_to(obj.contact, obj.contact.name)),
                (_("Email"), obj.contact.email or "—"),
                (_("Phone"), obj.contact.phone or "—"),
                (_("Assigned to"), self.owner(obj)),
                (_("Received"), self.made(obj)),
            ),
        )

    def subjects(self, obj: Lead) -> tuple[str, ...]:
        """Show the history of the lead."""
        return (obj.public_id,)
