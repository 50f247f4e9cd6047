"""Columns that hold public ids, shown by what people call the object."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts import naming, timeline
from accounts.console.display import NOTHING


def named(public_id: str, names: dict[str, str] | None = None) -> SafeString | str:
    """Write an object's name with its id beneath it, or the id alone when it has no name."""
    if not public_id:
        return NOTHING
    name = (naming.names_of([public_id]) if names is None else names).get(public_id)
    if not name:
        return public_id
    return format_html(
        '<span class="fd-named">{}<code class="fd-id">{}</code></span>', name, public_id
    )


class NamedColumns:
    """A list whose rows name objects by id; the names of one page cost one query a kind."""

    named_columns: ClassVar[tuple[str, ...]] = ("subject", "business", "actor")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Read the names of the page's rows."""
        changes = super().get_changelist_instance(request)  # type: ignore[misc]  # of the admin class
        rows = list(changes.result_list)
        names = naming.names_of(self._ids(rows))
        for row in rows:
            row.names = names
        changes.result_list = rows
        return changes

    def _ids(self, rows: Iterable[Any]) -> Iterable[str]:
        return (str(getattr(row, name, "")) for row in rows for name in self.named_columns)

    @display(description=gettext_lazy("object"), ordering="subject")
    def subject_name(self, obj: Any) -> str:
        """Show what it is about."""
        return named(obj.subject, obj.names)

    @display(description=gettext_lazy("business"), ordering="business")
    def business_name(self, obj: Any) -> str:
        """Show whose it is."""
        return obj.names.get(obj.business, obj.business) or NOTHING

    @display(description=gettext_lazy("by"), ordering="actor")
    def actor_name(self, obj: Any) -> str:
        """Show who did it."""
        return timeline.actor_name(obj.actor, obj.names) or NOTHING

    @display(description=gettext_lazy("recipient"), ordering="recipient")
    def recipient_name(self, obj: Any) -> str:
        """Show who is told."""
        return obj.names.get(obj.recipient, obj.recipient) or NOTHING
