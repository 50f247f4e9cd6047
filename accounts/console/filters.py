"""List filters that never name another business's rows."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.console.person import person
from accounts.models import Business

_MOST = 200


class ScopedFilter(admin.RelatedFieldListFilter):
    """A filter by a related object, offering only those of one's own businesses."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        """Return the choices; at most 200, as more are found by searching."""
        rows = policy.managed_by(person(request), field.related_model._default_manager.all())
        return [(str(row.pk), str(row)) for row in rows[:_MOST]]


class BusinessTextFilter(admin.SimpleListFilter):
    """A filter by business for rows that hold its public id as text."""

    title = _("business")
    parameter_name = "business"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """Return the businesses one belongs to."""
        rows = policy.managed_by(person(request), Business.objects.order_by("name"))[:_MOST]
        return [(row.public_id, row.name) for row in rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of the chosen business."""
        return queryset.filter(business=self.value()) if self.value() else queryset
