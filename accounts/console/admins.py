"""Base classes of the admin's pages.

Rows and verbs come from `accounts.policy`, never from Django's permission table: a member of staff
sees their business, a superuser everything. Nothing can be added, changed or deleted unless a class
says by which verb. Rows of money, events, notices and logs never say so.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from unfold.admin import ModelAdmin, TabularInline

from accounts import policy, step_up, timeline
from accounts.auditing import subject_of
from accounts.console import pressing
from accounts.console.buttons import Button
from accounts.console.paging import BoundedPaginator
from accounts.console.person import person
from accounts.console.recording import (
    NoDjangoLog,
    record_deleted,
    record_rows,
    record_saved,
)
from accounts.models import Business
from common.text import fold


@dataclass(frozen=True, slots=True)
class Headline:
    """What an object's page says first."""

    title: object
    status: object = ""
    tone: str = ""
    subtitle: object = ""
    facts: Iterable[tuple[Any, Any]] = field(default_factory=tuple)


class ScopedModelAdmin(NoDjangoLog, ModelAdmin):  # type: ignore[misc]  # unfold ships no types
    """Rows of one's own businesses, with buttons and a timeline.

    `search_people` are lookup paths to folded text, `search_exact` paths that must match whole
    (ids, references), `search_words` paths of plain text. `watched` fields go into the audit entry
    of each button and decide nothing else.
    """

    buttons: ClassVar[tuple[Button, ...]] = ()
    add_verb: ClassVar[str] = ""
    change_verb: ClassVar[str] = ""
    delete_verb: ClassVar[str] = ""
    watched: ClassVar[tuple[str, ...]] = ()
    has_timeline: ClassVar[bool] = True
    search_people: ClassVar[tuple[str, ...]] = ()
    search_exact: ClassVar[tuple[str, ...]] = ()
    search_words: ClassVar[tuple[str, ...]] = ()
    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    list_filter_submit = True
    list_fullwidth = True
    view_on_site = False
    show_facets = False
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    change_form_outer_before_template = "admin/console/headline.html"
    change_form_outer_after_template = "admin/console/timeline.html"

    def __init__(self, model: type[Model], admin_site: Any) -> None:
        """Tell Django every searched path, so that it shows the search box."""
        super().__init__(model, admin_site)
        self.search_fields = (*self.search_people, *self.search_exact, *self.search_words)

    # Rows and permissions

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows the person may manage."""
        return self.rows_for(request, super().get_queryset(request))

    def rows_for(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Limit rows to the person's businesses."""
        try:
            return policy.managed_by(person(request), queryset)
        except LookupError:
            return queryset.none()

    def may(self, request: HttpRequest, verb: str, item: Model | None = None) -> bool:
        """Ask the policy, for one object or for the kind; a verb left empty is nobody's."""
        if not verb:
            return False
        try:
            if item is None or item.pk is None:
                return policy.may_manage_some(person(request), verb, self.model)
            return policy.may_manage(person(request), verb, item)
        except LookupError:
            return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the section to those who may see any of it."""
        return self.may(request, "view")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ask for the verb `view`."""
        return self.may(request, "view", obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask for the class's verb."""
        return self.may(request, self.add_verb)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ask for the class's verb."""
        return self.may(request, self.change_verb, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ask for the class's verb."""
        return self.may(request, self.delete_verb, obj)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return the object; another's raises PermissionDenied, a missing one Http404.

        Django's own admin takes both for missing and sends people home with a sentence.
        """
        found = super().get_object(request, object_id, from_field)
        if found is None:
            rows = self.model._default_manager.all()
            try:
                exists = rows.filter(pk=self.opts.pk.to_python(object_id)).exists()
            except (ValidationError, ValueError, OverflowError):
                exists = False
            if exists:
                raise PermissionDenied
            raise Http404
        return found

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only related objects of one's own businesses."""
        _limit_choices(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only related objects of one's own businesses."""
        _limit_choices(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """Keep an object in its business once it exists."""
        fields = list(super().get_readonly_fields(request, obj))
        if obj is not None and any(item.name == "business" for item in self.opts.fields):
            fields.append("business")
        return fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Choose the business for those who have only one."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        rows = policy.managed_by(person(request), Business.objects.all())
        ids = list(rows.values_list("pk", flat=True)[:2])
        return initial | ({"business": ids[0]} if len(ids) == 1 else {})

    # Writing: each saved form is one audit entry in the same transaction

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Save and record the change; refuses an object of another's business."""
        if not change and not policy.may_manage(person(request), self.add_verb, obj):
            raise PermissionDenied
        self.store(request, obj, form, is_new=not change)
        record_saved(request, obj, form, is_new=not change)

    def store(self, request: HttpRequest, obj: Any, form: Any, *, is_new: bool) -> None:
        """Write the object; an app with an action for this calls it here."""
        super().save_model(request, obj, form, not is_new)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Record it and delete."""
        record_deleted(request, obj)
        super().delete_model(request, obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Save the rows under the object and record each that changed."""
        for item in formset.deleted_forms:
            if item.instance.pk is not None:
                record_deleted(request, item.instance, form.instance)
        super().save_formset(request, form, formset, change)
        record_rows(request, form.instance, formset)

    # Searching

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find people whatever the case and accents typed, and ids and references whole."""
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q()
        for name in self.search_people:
            wanted |= _all_words(f"{name}__contains", fold(term).split())
        for name in self.search_words:
            wanted |= _all_words(f"{name}__icontains", term.split())
        for name in self.search_exact:
            wanted |= Q(**{name: term})
        return queryset.filter(wanted), False

    # Buttons and the object's page

    def headline(self, obj: Any) -> Headline:
        """Return what the page says first."""
        return Headline(str(obj))

    def subjects(self, obj: Any) -> tuple[str, ...]:
        """Return the public ids whose history the timeline shows."""
        return (subject_of(obj),)

    def history(self, obj: Any) -> list[timeline.Entry]:
        """Return the lines of the timeline, newest first."""
        return timeline.entries(*self.subjects(obj))

    def zone_of(self, obj: Any) -> str:
        """Return the name of the zone in which the page's times are."""
        business = obj if isinstance(obj, Business) else getattr(obj, "business", None)
        return getattr(business, "timezone", "UTC")

    def offered(self, request: HttpRequest, obj: Model) -> list[Button]:
        """Return the buttons that fit the object's state and the person's role."""
        return [
            button
            for button in self.buttons
            if button.is_offered(obj) and self.may(request, button.verb, obj)
        ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Add headline, buttons and timeline; read and write times in the business's zone."""
        context = dict(extra_context or {})
        obj = self.get_object(request, unquote(object_id)) if object_id else None
        zone = self.zone_of(obj) if obj is not None else self._own_zone(request)
        if obj is not None and request.method == "GET":
            context |= {
                "headline": self.headline(obj),
                "buttons": [
                    (button, self.button_url(obj, button)) for button in self.offered(request, obj)
                ],
                "entries": self.history(obj) if self.has_timeline else None,
                "title": self.opts.verbose_name,
                "subtitle": None,
            }
        with timezone.override(ZoneInfo(zone)):
            response = super().changeform_view(
                request, object_id, form_url, context | {"zone": zone}
            )
            # The zone counts while the page is written, which Django would do after this.
            return response.render() if hasattr(response, "render") else response

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """Leave out what is only shown and has no value."""
        fields = super().get_fields(request, obj)
        if obj is None:
            return list(fields)
        shown = set(self.get_readonly_fields(request, obj))
        if not self.has_change_permission(request, obj):
            shown.update(fields)
        return [
            name
            for name in fields
            if name not in shown or getattr(obj, name, name) not in (None, "", {}, [])
        ]

    def _own_zone(self, request: HttpRequest) -> str:
        rows = policy.managed_by(person(request), Business.objects.all())
        zones = list(rows.order_by().values_list("timezone", flat=True).distinct()[:2])
        return zones[0] if len(zones) == 1 else "UTC"

    def button_url(self, obj: Model, button: Button) -> str:
        """Return the address that presses the button for the object."""
        return reverse(
            f"admin:{self.opts.app_label}_{self.opts.model_name}_press", args=[obj.pk, button.name]
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the buttons."""
        own = path(
            "<path:object_id>/do/<slug:name>/",
            self.admin_site.admin_view(self.press_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_press",
        )
        return [own, *super().get_urls()]

    def press_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Ask what the button asks, then carry it out; POST only for the act itself."""
        obj = self.get_object(request, unquote(object_id))
        button = next((item for item in self.buttons if item.name == name), None)
        if obj is None or button is None:
            raise Http404
        if not self.may(request, button.verb, obj):
            raise PermissionDenied
        if button.steps_up:
            step_up.require_for_page(request)
        return pressing.press_one(self, request, obj, button)

    def get_actions(self, request: HttpRequest) -> dict[str, tuple[Callable[..., Any], str, Any]]:
        """Offer the buttons that work on many rows at once; no mass deletion."""
        if "_popup" in request.GET:
            return {}
        return {
            f"do_{button.name}": (pressing.bulk_action(button), f"do_{button.name}", button.label)
            for button in self.buttons
            if button.in_bulk and self.may(request, button.verb)
        }

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Answer 404: an object's history is its timeline."""
        raise Http404


class RecordAdmin(ScopedModelAdmin):
    """Rows that name their business by public id in a text column, such as events and logs.

    `roles` may view them; with none only superusers do.
    """

    roles: ClassVar[frozenset[Any]] = frozenset()
    business_column: ClassVar[str] = "business"
    has_timeline = False

    def rows_for(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Limit rows to the businesses in which the person's role is among `roles`."""
        user = person(request)
        if user.is_superuser or policy.platform_role(user) in self.roles:
            return queryset
        ids = Business.objects.filter(pk__in=self._businesses(request)).values_list(
            "public_id", flat=True
        )
        return queryset.filter(**{f"{self.business_column}__in": list(ids)})

    def may(self, request: HttpRequest, verb: str, item: Model | None = None) -> bool:
        """Let the roles view; every other verb is a superuser's."""
        user = person(request)
        if not verb or not user.is_active:
            return False
        if user.is_superuser:
            return True
        if verb != "view":
            return False
        if policy.platform_role(user) in self.roles:
            return True
        ids = self._businesses(request)
        if item is None or not ids:
            return bool(ids)
        return Business.objects.filter(
            pk__in=ids, public_id=getattr(item, self.business_column)
        ).exists()

    def _businesses(self, request: HttpRequest) -> list[int]:
        return [pk for pk, role in policy.roles_of(person(request)).items() if role in self.roles]


class ScopedInline(TabularInline):  # type: ignore[misc]  # unfold ships no types
    """Rows that belong to the object above them and share its permissions."""

    extra = 0
    show_change_link = True
    hide_title = True
    verb: ClassVar[str] = ""
    tab = False

    def _may(self, request: HttpRequest, obj: Model | None) -> bool:
        if not self.verb:
            return False
        if obj is None or obj.pk is None:
            return policy.may_manage_some(person(request), self.verb, self.parent_model)
        return policy.may_manage(person(request), self.verb, obj)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever sees the object above sees these."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ask for the class's verb on the object above."""
        return self._may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ask for the class's verb on the object above."""
        return self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ask for the class's verb on the object above."""
        return self._may(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only related objects of one's own businesses."""
        _limit_choices(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Label every control: the column's heading, which names it to the eye, is no label."""
        return type("Labelled", (_Labelled, super().get_formset(request, obj, **kwargs)), {})


class _Labelled:
    """A formset whose controls carry the name of their field for screen readers."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add the package's fields, then name all of them."""
        super().add_fields(form, index)  # type: ignore[misc]  # of the formset
        for shown in form.fields.values():
            control = getattr(shown.widget, "widget", shown.widget)
            if not control.is_hidden and shown.label:
                control.attrs.setdefault("aria-label", capfirst(str(shown.label)))


def _all_words(lookup: str, words: list[str]) -> Q:
    found = Q()
    for word in words:
        found &= Q(**{lookup: word})
    return found


def _limit_choices(db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> None:
    if "queryset" in kwargs:
        return
    rows = db_field.related_model._default_manager.all()
    try:
        kwargs["queryset"] = policy.managed_by(person(request), rows)
    except LookupError:
        # A kind without a rule is closed to members of staff.
        kwargs["queryset"] = rows if person(request).is_superuser else rows.none()
