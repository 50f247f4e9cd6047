"""What pages of the admin write into the audit log: saved forms, their rows, list actions."""

from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts import actions
from accounts.auditing import business_of, personal_fields, snapshot, subject_of
from accounts.console.person import person
from common.fields import EncryptedJSONField, EncryptedTextField

_SECRET = "[secret]"  # noqa: S105  what stands for one
_MOST_ROWS = 100
_REDIRECT = 302


def record_saved(request: HttpRequest, item: Model, form: Any, *, is_new: bool) -> None:
    """Record a saved form: what its changed fields held before and hold now."""
    changed = [name for name in form.changed_data if name in form.cleaned_data]
    _record(
        request,
        item,
        "add" if is_new else "change",
        before={} if is_new else _values(item, changed, form.initial),
        after=_values(item, changed, form.cleaned_data),
    )


def record_deleted(request: HttpRequest, item: Model, owner: Model | None = None) -> None:
    """Record what an object held before it is deleted."""
    _record(request, item, "delete", owner, before=snapshot(item))


def record_rows(request: HttpRequest, owner: Model, formset: Any) -> None:
    """Record the rows of a saved formset under the object's page, each as an entry of its own."""
    forms = {form.instance.pk: form for form in formset.forms}
    for row in formset.new_objects:
        _record(request, row, "add", owner, after=snapshot(row))
    for row, changed in formset.changed_objects:
        form = forms[row.pk]
        before = _values(row, changed, form.initial)
        after = _values(row, changed, form.cleaned_data)
        _record(request, row, "change", owner, before=before, after=after)


def _values(item: Model, names: list[str], source: Any) -> dict[str, Any]:
    secret = {
        field.name
        for field in item._meta.concrete_fields
        if isinstance(field, EncryptedTextField | EncryptedJSONField)
    }
    return {name: _SECRET if name in secret else source.get(name, "") for name in names}


def _record(
    request: HttpRequest, item: Model, act: str, owner: Model | None = None, **told: Any
) -> None:
    actions.record_audit(
        actor=person(request).public_id,
        action=f"{item._meta.model_name}.{act}",
        subject=subject_of(item),
        business=business_of(item) or business_of(owner),
        personal_fields=personal_fields(type(item)),
        **told,
    )


class NoDjangoLog:
    """Keeps Django's own log of the admin empty: the audit log is the one record of changes."""

    def log_addition(self, *_args: Any, **_more: Any) -> LogEntry | None:
        """Write nothing."""

    def log_change(self, *_args: Any, **_more: Any) -> LogEntry | None:
        """Write nothing."""

    def log_deletions(self, *_args: Any, **_more: Any) -> list[LogEntry]:
        """Write nothing."""
        return []


class RecordedPage(NoDjangoLog):
    """For pages third parties wrote: every save, deletion and list action is an audit entry."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Save and record."""
        super().save_model(request, obj, form, change)  # type: ignore[misc]  # of the admin class
        record_saved(request, obj, form, is_new=not change)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Record and delete."""
        record_deleted(request, obj)
        super().delete_model(request, obj)  # type: ignore[misc]  # of the admin class

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Carry the list action out, then record its name and rows."""
        answer: HttpResponse | None = super().response_action(request, queryset)  # type: ignore[misc]  # of the admin class
        # A page in between asks first; only its answer leads away.
        if answer is not None and answer.status_code == _REDIRECT and _has_chosen(request):
            actions.record_audit(
                actor=person(request).public_id,
                action=f"{queryset.model._meta.model_name}.{request.POST['action']}",
                after={
                    "rows": "all found"
                    if request.POST.get("select_across") == "1"
                    else request.POST.getlist(ACTION_CHECKBOX_NAME)[:_MOST_ROWS]
                },
            )
        return answer


def _has_chosen(request: HttpRequest) -> bool:
    return bool(request.POST.get("action") and request.POST.getlist(ACTION_CHECKBOX_NAME))
