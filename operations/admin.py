"""Events, work, periodic tasks and the two records in the admin."""

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_celery_beat import admin as beat_admin
from django_celery_beat import models as beat
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.console import (
    BusinessTextFilter,
    Headline,
    RecordAdmin,
    badge,
    facts,
    is_list,
    pretty,
    tone_of,
    zoned,
)
from accounts.console.named import NamedColumns, named
from accounts.console.recording import RecordedPage
from accounts.console.work import WorkAdmin
from accounts.models import AuditDigest, AuditEntry, Role, SecurityEntry
from accounts.timeline import words
from events.models import Event, Reaction, WorkFailure

# Third parties register plain pages of their own, which know no business, no theme and no audit
# log; what people need of them is on our pages.
for _label in (
    "auth.group",
    "account.emailconfirmation",
    "account.emailaddress",
    "mfa.authenticator",
    "socialaccount.socialaccount",
    "socialaccount.socialapp",
    "socialaccount.socialtoken",
):
    for _model in list(admin.site._registry):
        if _model._meta.label_lower == _label:
            admin.site.unregister(_model)


@admin.register(Event)
class EventAdmin(NamedColumns, RecordAdmin):
    """The event log: read-only, searchable by type, object, business and id."""

    roles: ClassVar = frozenset({Role.OWNER, Role.MANAGER, Role.DEVELOPER, Role.AUDITOR})
    has_timeline = True
    list_display = ("at_utc", "kind", "subject_name", "business_name", "actor_name")
    list_filter = (BusinessTextFilter,)
    search_words = ("type",)
    search_exact = ("subject", "business", "public_id", "actor")
    ordering = ("-id",)
    fields = readonly_fields = (
        "type",
        "subject",
        "business",
        "actor",
        "at",
        "shown_data",
        "public_id",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """Leave the data out of the list."""
        rows: QuerySet[Event] = super().get_queryset(request)
        return rows.defer("data") if is_list(request) else rows

    @display(description=gettext_lazy("when"), ordering="id")
    def at_utc(self, obj: Event) -> str:
        """Show the instant."""
        return zoned(obj.at, "UTC")

    @display(description=gettext_lazy("event"), ordering="type")
    def kind(self, obj: Event) -> str:
        """Show the type."""
        return badge(obj.type, tone_of(obj.type.rpartition(".")[2]))

    @display(description=gettext_lazy("data"))
    def shown_data(self, obj: Event) -> str:
        """Show the data."""
        return pretty(obj.data)

    def headline(self, obj: Event) -> Headline:
        """Show what happened to what."""
        return Headline(
            words(obj.type),
            subtitle=named(obj.subject),
            facts=facts((_("When"), zoned(obj.at, "UTC")), (_("By"), named(obj.actor))),
        )

    def subjects(self, obj: Event) -> tuple[str, ...]:
        """Show the object's history."""
        return (obj.subject,)


@admin.register(Reaction)
class ReactionAdmin(NamedColumns, WorkAdmin):
    """Reactions that wait, retry or ended dead."""

    named_columns = ("subject",)
    list_display = ("name", "subject_name", *WorkAdmin.work_columns)
    list_filter = (*WorkAdmin.list_filter, "name")
    search_words = ("name",)
    search_exact = ("subject", "key")
    fields = readonly_fields = (
        "name",
        "subject",
        "event_id",
        "schedule_key",
        *WorkAdmin.work_fields,
    )


@admin.register(WorkFailure)
class WorkFailureAdmin(RecordAdmin):
    """Every failed attempt of any kind of work, with its error."""

    list_display = ("at_utc", "kind", "work_id", "attempt", "short_error")
    list_filter = ("kind",)
    search_words = ("error", "kind")
    ordering = ("-id",)
    fields = readonly_fields = ("kind", "work_id", "attempt", "at", "error")

    @display(description=gettext_lazy("when"), ordering="id")
    def at_utc(self, obj: WorkFailure) -> str:
        """Show the instant."""
        return zoned(obj.at, "UTC")

    @display(description=gettext_lazy("error"))
    def short_error(self, obj: WorkFailure) -> str:
        """Show the beginning of the error."""
        return obj.error[:120]


@admin.register(AuditEntry)
class AuditEntryAdmin(NamedColumns, RecordAdmin):
    """Who did what; nobody edits it."""

    roles: ClassVar = frozenset({Role.OWNER, Role.AUDITOR})
    list_display = ("at_utc", "act", "actor_name", "subject_name", "reason", "origin")
    list_filter = (BusinessTextFilter, "at")
    search_words = ("action", "reason")
    search_exact = ("subject", "actor", "request_id", "business", "personal__address")
    ordering = ("-id",)
    fields = readonly_fields = (
        "action",
        "who",
        "subject",
        "business",
        "reason",
        "shown_before",
        "shown_after",
        "shown_personal",
        "at",
        "request_id",
    )

    @display(description=gettext_lazy("by"), ordering="actor")
    def who(self, obj: AuditEntry) -> str:
        """Show the account that acted."""
        return obj.actor

    @display(description=gettext_lazy("from"))
    def origin(self, obj: AuditEntry) -> str:
        """Show the network address, while it is kept."""
        return str((obj.personal or {}).get("address", "—"))

    @display(description=gettext_lazy("person"))
    def shown_personal(self, obj: AuditEntry) -> str:
        """Show from where, and personal values before and after, while they are kept."""
        text = json.dumps(obj.personal or {}, indent=2, ensure_ascii=False)
        return format_html('<pre class="fd-json">{}</pre>', text)

    @display(description=gettext_lazy("when"), ordering="id")
    def at_utc(self, obj: AuditEntry) -> str:
        """Show the instant."""
        return zoned(obj.at, "UTC")

    @display(description=gettext_lazy("act"), ordering="action")
    def act(self, obj: AuditEntry) -> str:
        """Show the act in words."""
        return words(obj.action)

    @display(description=gettext_lazy("before"))
    def shown_before(self, obj: AuditEntry) -> str:
        """Show the values before."""
        return pretty(obj.before)

    @display(description=gettext_lazy("after"))
    def shown_after(self, obj: AuditEntry) -> str:
        """Show the values after."""
        return pretty(obj.after)

    def headline(self, obj: AuditEntry) -> Headline:
        """Show the act, who and when."""
        return Headline(
            words(obj.action),
            subtitle=named(obj.subject),
            facts=facts((_("By"), named(obj.actor)), (_("When"), zoned(obj.at, "UTC"))),
        )


@admin.register(AuditDigest)
class AuditDigestAdmin(RecordAdmin):
    """The seal of each day; `manage.py verify_audit_log` compares."""

    list_display = ("day", "row_count", "digest", "made_at")
    search_exact = ("digest",)
    ordering = ("-day",)
    fields = readonly_fields = ("day", "row_count", "digest", "previous", "made_at")


@admin.register(SecurityEntry)
class SecurityEntryAdmin(NamedColumns, RecordAdmin):
    """Forged and replayed notices, refused sign-ins and the like."""

    roles: ClassVar = frozenset({Role.OWNER, Role.AUDITOR, Role.DEVELOPER})
    list_display = ("at_utc", "what", "severity_badge", "subject_name", "address")
    list_filter = ("severity", "kind", BusinessTextFilter, "at")
    search_words = ("kind", "address")
    search_exact = ("subject", "request_id", "business")
    ordering = ("-id",)
    fields = readonly_fields = (
        "kind",
        "severity",
        "subject",
        "business",
        "address",
        "shown_detail",
        "at",
        "request_id",
    )

    @display(description=gettext_lazy("when"), ordering="id")
    def at_utc(self, obj: SecurityEntry) -> str:
        """Show the instant."""
        return zoned(obj.at, "UTC")

    @display(description=gettext_lazy("what"), ordering="kind")
    def what(self, obj: SecurityEntry) -> str:
        """Show the kind in words."""
        return words(obj.kind)

    @display(description=gettext_lazy("severity"), ordering="severity")
    def severity_badge(self, obj: SecurityEntry) -> str:
        """Show how soon somebody should look."""
        return badge(obj.get_severity_display(), tone_of(obj.severity))

    @display(description=gettext_lazy("detail"))
    def shown_detail(self, obj: SecurityEntry) -> str:
        """Show the detail."""
        return pretty(obj.detail)

    def headline(self, obj: SecurityEntry) -> Headline:
        """Show the kind and when."""
        return Headline(
            words(obj.kind),
            obj.get_severity_display(),
            tone_of(obj.severity),
            named(obj.subject),
            facts((_("When"), zoned(obj.at, "UTC")), (_("From"), obj.address)),
        )


class _TaskSelectWidget(UnfoldAdminSelectWidget, beat_admin.TaskSelectWidget):  # type: ignore[misc]  # neither ships types
    """The list of tasks, drawn by the theme."""


class _PeriodicTaskForm(beat_admin.PeriodicTaskForm):  # type: ignore[misc]  # ships no types
    """The package's form with the theme's widgets."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = _TaskSelectWidget()


for _model in (
    beat.PeriodicTask,
    beat.IntervalSchedule,
    beat.CrontabSchedule,
    beat.SolarSchedule,
    beat.ClockedSchedule,
):
    admin.site.unregister(_model)


@admin.register(beat.PeriodicTask)
class PeriodicTaskAdmin(RecordedPage, beat_admin.PeriodicTaskAdmin, ModelAdmin):  # type: ignore[misc]  # neither ships types
    """When tasks run; for superusers, by Django's own permissions."""

    form = _PeriodicTaskForm
    # The package's own page carries an inline script, which the browser rules refuse.
    change_form_template = None
    list_display = ("name", "enabled", "scheduler", "last_run_at", "total_run_count")


@admin.register(beat.IntervalSchedule, beat.SolarSchedule)
class BeatScheduleAdmin(RecordedPage, ModelAdmin):  # type: ignore[misc]  # unfold ships no types
    """Intervals and suns."""


@admin.register(beat.CrontabSchedule)
class CrontabScheduleAdmin(RecordedPage, beat_admin.CrontabScheduleAdmin, ModelAdmin):  # type: ignore[misc]  # neither ships types
    """Times of day."""


@admin.register(beat.ClockedSchedule)
class ClockedScheduleAdmin(RecordedPage, beat_admin.ClockedScheduleAdmin, ModelAdmin):  # type: ignore[misc]  # neither ships types
    """Single instants."""
