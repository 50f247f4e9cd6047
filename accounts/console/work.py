"""The one look of work rows, whatever their kind: state, lane, attempts, error, replay."""

import datetime as dt
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.console.admins import Headline, RecordAdmin
from accounts.console.buttons import Button, Call
from accounts.console.display import badge, facts, zoned
from accounts.console.filters import BusinessTextFilter
from common.errors import Conflict
from events import actions as event_actions
from events.models import Work, WorkFailure

_TONES = {0: "info", 1: "success", 2: "danger", 3: ""}


class ProgressFilter(admin.SimpleListFilter):
    """Which rows wait, retry, are late, or ended dead."""

    title = gettext_lazy("progress")
    parameter_name = "progress"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [
            ("late", _("late: due and not begun for a minute")),
            ("retrying", _("retrying after a failure")),
            ("dead", _("ended dead")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of the chosen kind."""
        if self.value() == "late":
            return queryset.filter(late())
        if self.value() == "retrying":
            return queryset.filter(state=Work.State.OPEN, attempts__gt=0)
        if self.value() == "dead":
            return queryset.filter(state=Work.State.DEAD)
        return queryset


def late() -> Q:
    """Return the condition of open work that was due a minute ago and nobody has begun."""
    now = timezone.now()
    due = now - dt.timedelta(seconds=60)
    return Q(state=Work.State.OPEN, due_at__lt=due) & (
        Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    )


def _replay(item: Work, _call: Call) -> str:
    if not event_actions.replay(kind=item._meta.label, ids=[item.pk]):
        raise Conflict(_("Only work that ended dead or was canceled can run again."))
    return _("It runs again now.")


class WorkLook:
    """Read-only rows of one kind of work; a dead or canceled one can be replayed, one or many."""

    work_columns: ClassVar = ("state_badge", "lane_name", "attempts", "due", "short_error")
    work_fields: ClassVar = (
        "state",
        "lane",
        "attempts",
        "crashes",
        "due_at",
        "last_error",
        "failures",
        "created_at",
        "finished_at",
        "key",
        "id",
    )
    list_filter: ClassVar[Any] = (ProgressFilter, "state", "lane")
    ordering = ("-id",)
    watched: ClassVar[tuple[str, ...]] = ("state",)
    buttons: ClassVar[tuple[Button, ...]] = (
        Button(
            "replay",
            gettext_lazy("Run again"),
            "replay",
            _replay,
            effect=gettext_lazy("It goes to the end of its queue and starts with fresh attempts."),
            is_offered=lambda row: row.state in {Work.State.DEAD, Work.State.CANCELED},
            tone="primary",
        ),
    )

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Offer businesses where the rows name one."""
        names_business = any(
            field.name == "business" and not field.is_relation
            for field in self.opts.fields  # type: ignore[attr-defined]  # of the admin class
        )
        return (*self.list_filter, BusinessTextFilter) if names_business else self.list_filter

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj: Work) -> str:
        """Show the state; an open row that failed before says so."""
        if obj.state == Work.State.OPEN and obj.attempts:
            return badge(_("retrying"), "warning")
        return badge(obj.get_state_display(), _TONES[obj.state])

    @display(description=gettext_lazy("lane"), ordering="lane")
    def lane_name(self, obj: Work) -> str:
        """Show the lane."""
        return obj.get_lane_display()

    @display(description=gettext_lazy("due"), ordering="due_at")
    def due(self, obj: Work) -> str:
        """Show when it is due."""
        return zoned(obj.due_at, "UTC")

    @display(description=gettext_lazy("last error"))
    def short_error(self, obj: Work) -> str:
        """Show the beginning of the last error."""
        return obj.last_error[:100] or "—"

    @display(description=gettext_lazy("failed attempts"))
    def failures(self, obj: Work) -> str:
        """Show every failed attempt."""
        rows = WorkFailure.objects.filter(kind=obj._meta.label, work_id=obj.pk).order_by("-id")[:20]
        return "\n".join(
            f"#{row.attempt} {row.at:%Y-%m-%d %H:%M:%S} UTC {row.error}" for row in rows
        )

    def headline(self, obj: Any) -> Headline:
        """Show what it is, how it stands and why it failed."""
        return Headline(
            str(obj),
            _("retrying")
            if obj.state == Work.State.OPEN and obj.attempts
            else obj.get_state_display(),
            "warning" if obj.state == Work.State.OPEN and obj.attempts else _TONES[obj.state],
            obj.last_error[:300],
            facts(
                (_("Attempts"), str(obj.attempts)),
                (_("Due"), zoned(obj.due_at, "UTC")),
                (_("Lane"), obj.get_lane_display()),
            ),
        )


class WorkAdmin(WorkLook, RecordAdmin):
    """Work of the whole installation, or of the business it names as text."""
