"""Staff of the platform in the admin; superusers name them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts import actions
from accounts.console import Headline, ScopedModelAdmin, person
from accounts.models import PlatformMember


@admin.register(PlatformMember)
class PlatformMemberAdmin(ScopedModelAdmin):
    """Who works for all businesses; the model has no access rule, so only superusers come here."""

    add_verb = "change"
    change_verb = "change"
    delete_verb = "change"
    fields = ("user", "group")
    autocomplete_fields = ("user",)
    list_display = ("user", "group", "created_at")
    list_filter = ("group",)
    list_select_related = ("user",)
    search_people = ("user__search_text",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the person; only the group changes."""
        return () if obj is None else ("user",)

    def headline(self, obj: PlatformMember) -> Headline:
        """Show who and what."""
        return Headline(obj.user, obj.get_group_display(), "info")

    def subjects(self, obj: PlatformMember) -> tuple[str, ...]:
        """Show the person's history."""
        return (obj.user.public_id,)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Take the person out of the group; the audit entry names them."""
        actions.record_audit(
            actor=person(request).public_id,
            action="platform.remove",
            subject=obj.user.public_id,
            before={"group": obj.group},
        )
        obj.delete()
