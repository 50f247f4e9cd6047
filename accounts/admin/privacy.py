"""Archives of personal data being made, and erasures, for superusers."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.console import RecordAdmin
from accounts.console.work import WorkAdmin
from accounts.models import Erasure, PersonalExport


@admin.register(PersonalExport)
class PersonalExportAdmin(WorkAdmin):
    """Archives people asked for; what is in them is nobody else's to see."""

    list_display = ("user", "ready_at", *WorkAdmin.work_columns)
    list_select_related = ("user",)
    search_people = ("user__search_text",)
    search_exact = ("public_id", "user__public_id")
    fields = readonly_fields = ("user", "size", "ready_at", "expires_at", *WorkAdmin.work_fields)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PersonalExport]:
        """Leave the archives in the database."""
        rows: QuerySet[PersonalExport] = super().get_queryset(request)
        return rows.defer("body")


@admin.register(Erasure)
class ErasureAdmin(RecordAdmin):
    """Who was erased, by ids only."""

    list_display = ("public_id", "at", "actor", "row_count")
    search_exact = ("public_id", "actor")
    ordering = ("-id",)
    fields = readonly_fields = ("public_id", "subjects", "actor", "row_count", "at")
