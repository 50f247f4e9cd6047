"""What was sent to whom, and where a business is told, in the admin."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import policy
from accounts.console import (
    Button,
    Call,
    Headline,
    ScopedFilter,
    ScopedModelAdmin,
    badge,
    facts,
    person,
    tone_of,
    zoned,
)
from accounts.console.named import NamedColumns, named
from accounts.console.work import WorkLook
from notifications import actions
from notifications.errors import BadChannelAddress
from notifications.models import BusinessChannel, Notification
from notifications.transports import registry as transports


@admin.register(Notification)
class NotificationAdmin(NamedColumns, WorkLook, ScopedModelAdmin):
    """Messages by topic, channel and outcome; a failed one can be sent again."""

    named_columns = ("recipient",)
    list_display = (
        "title_or_topic",
        "channel",
        "recipient_name",
        "outcome",
        "attempts",
        "made",
        "why",
    )
    list_filter: ClassVar[Any] = (
        *WorkLook.list_filter,
        "status",
        "channel",
        "topic",
        ("business", ScopedFilter),
    )
    list_select_related = ("business",)
    search_words = ("title", "topic")
    search_exact = ("public_id", "subject", "recipient", "event_id", "provider_id")
    fields = readonly_fields = (
        "topic",
        "channel",
        "audience",
        "recipient",
        "status",
        "reason",
        "title",
        "body",
        "subject",
        "event_type",
        "event_id",
        "provider_id",
        "expires_at",
        "sent_at",
        *WorkLook.work_fields,
        "public_id",
    )

    @display(description=gettext_lazy("message"), ordering="topic")
    def title_or_topic(self, obj: Notification) -> str:
        """Show the title, or the topic before it is written."""
        return obj.title or obj.topic

    @display(description=gettext_lazy("outcome"), ordering="status")
    def outcome(self, obj: Notification) -> str:
        """Show what became of it."""
        return badge(obj.get_status_display(), tone_of(obj.status))

    @display(description=gettext_lazy("made"), ordering="id")
    def made(self, obj: Notification) -> str:
        """Show when it was decided on."""
        return zoned(obj.created_at, obj.business.timezone if obj.business else "UTC")

    @display(description=gettext_lazy("why"))
    def why(self, obj: Notification) -> str:
        """Show the reason of an end, or the last error."""
        return (obj.reason or obj.last_error)[:100] or "—"

    def headline(self, obj: Notification) -> Headline:
        """Show the message and its outcome."""
        return Headline(
            obj.title or obj.topic,
            obj.get_status_display(),
            tone_of(obj.status),
            obj.reason or obj.last_error[:300],
            facts(
                (_("Channel"), obj.channel),
                (_("Recipient"), named(obj.recipient)),
                (_("Made"), self.made(obj)),
                (_("Attempts"), str(obj.attempts)),
                (_("About"), named(obj.subject)),
            ),
        )

    def subjects(self, obj: Notification) -> tuple[str, ...]:
        """Show the history of what the message is about."""
        return (obj.subject,)


class ChannelForm(forms.ModelForm[BusinessChannel]):
    """A channel to connect. The address is checked here, so that the mistake stands beside it."""

    address = forms.CharField(
        label=gettext_lazy("Webhook address"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("In Discord: channel settings, Integrations, Webhooks, Copy URL."),
    )

    class Meta:
        """What is asked for, besides the address."""

        model = BusinessChannel
        fields = ("business", "kind", "name")

    def clean(self) -> dict[str, Any]:
        """Refuse an address the transport would not take."""
        values: dict[str, Any] = super().clean() or {}
        kind, address = values.get("kind"), values.get("address")
        if kind and address and not transports.get(kind).accepts(address):
            self.add_error("address", BadChannelAddress.message)
        return values


def _disconnect(channel: BusinessChannel, call: Call) -> None:
    actions.disconnect_channel(channel_id=channel.public_id, actor=call.actor)


@admin.register(BusinessChannel)
class BusinessChannelAdmin(ScopedModelAdmin):
    """Where a business is told. The address is a secret: it can be replaced, never read."""

    list_display = ("name", "kind", "business", "state")
    list_filter = ("kind", "is_active", ("business", ScopedFilter))
    list_select_related = ("business",)
    fields = readonly_fields = (
        "business",
        "kind",
        "name",
        "is_active",
        "disabled_at",
        "disabled_reason",
        "public_id",
    )
    add_verb = "change"
    form = ChannelForm
    has_timeline = True
    buttons: ClassVar[tuple[Button, ...]] = (
        Button(
            "disconnect",
            gettext_lazy("Disconnect"),
            "change",
            _disconnect,
            effect=gettext_lazy("Nothing more is sent there; the address is forgotten."),
            asks_reason=True,
            tone="danger",
            in_bulk=False,
            audits_itself=True,
        ),
    )

    def get_fields(self, request: HttpRequest, obj: BusinessChannel | None = None) -> Any:
        """Ask for the address once; afterwards it is not shown."""
        return self.fields if obj else ("business", "kind", "name", "address")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let a new channel be entered, and an old one only be looked at."""
        return super().get_readonly_fields(request, obj) if obj else ()

    def save_model(
        self, request: HttpRequest, obj: BusinessChannel, form: Any, change: Any
    ) -> None:
        """Connect the channel; the same name again gets the new address."""
        if not policy.may_manage(person(request), self.add_verb, obj):
            raise PermissionDenied
        made = actions.connect_channel(
            business=obj.business,
            kind=obj.kind,
            name=obj.name,
            address=form.cleaned_data["address"],
            actor=person(request).public_id,
        )
        obj.pk, obj.public_id = made.pk, made.public_id

    @display(description=gettext_lazy("state"), ordering="is_active")
    def state(self, obj: BusinessChannel) -> str:
        """Show whether it is used, and why not."""
        if obj.is_active:
            return badge(_("active"), "success")
        return badge(obj.disabled_reason or _("off"), "danger")
