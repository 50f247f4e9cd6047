"""Carrying out a button's action, on one object or on many, and telling what became of each."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.console.buttons import Button, Call
from accounts.console.paging import LIMIT
from accounts.console.person import person
from common.errors import DomainError

if TYPE_CHECKING:
    from accounts.console.admins import ScopedModelAdmin

MOST_AT_ONCE: Final = 100
_MOST_MESSAGES: Final = 20


def press_one(
    admin: "ScopedModelAdmin", request: HttpRequest, obj: Model, button: Button
) -> HttpResponse:
    """Show the button's form, or carry it out and return to the object's page."""
    is_post = request.method == "POST"
    form = button.form(
        request.POST if is_post else None,
        item=obj,
        user=person(request),
        asks_reason=button.asks_reason,
    )
    back = reverse(f"admin:{admin.opts.app_label}_{admin.opts.model_name}_change", args=[obj.pk])
    if is_post and form.is_valid():
        try:
            said = button.press(obj, _call(request, form), watched=admin.watched)
        except (DomainError, ValidationError) as error:
            message = sentence(error)
            if not button.asks:
                messages.error(request, message)
                return redirect(back)
            form.add_error(None, message)
        else:
            messages.success(request, said or _("%(step)s: done.") % {"step": button.label})
            return redirect(back)
    context = {
        "title": button.label,
        "button": button,
        "form": form,
        "headline": admin.headline(obj),
        "original": obj,
        "back": back,
    }
    return _page(admin, request, context, status=400 if is_post else 200)


def bulk_action(button: Button) -> Callable[..., HttpResponse | None]:
    """Return the list action that presses the button on each chosen row."""

    def run(
        admin: "ScopedModelAdmin", request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        rows, left = _batch(queryset, after=request.POST.get("after", ""))
        is_confirmed = "confirmed" in request.POST
        form = button.form(
            request.POST if is_confirmed else None,
            item=None,
            user=person(request),
            asks_reason=button.asks_reason,
        )
        after, status = request.POST.get("after", ""), 400 if is_confirmed else 200
        if is_confirmed and form.is_valid():
            _press_many(admin, request, rows, button, _call(request, form))
            if not left:
                return None
            after, status = str(rows[-1].pk), 200
            rows, left = _batch(queryset, after=after)
        context = {
            "title": button.label,
            "button": button,
            "form": form,
            "rows": [(row, admin.headline(row), button.is_offered(row)) for row in rows[:20]],
            "count": len(rows),
            "left": left,
            "after": after,
            "unfit": sum(not button.is_offered(row) for row in rows),
            "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "across": request.POST.get("select_across", "0"),
            "action": f"do_{button.name}",
            "back": request.get_full_path(),
        }
        return _page(admin, request, context, status=status)

    run.short_description = button.label  # type: ignore[attr-defined]  # read by Django's admin
    run.__name__ = f"do_{button.name}"
    return run


def _batch(queryset: QuerySet[Any], *, after: str) -> tuple[list[Any], int]:
    """Return the next rows after a key, at most 100, and how many follow, counted up to 2,000.

    A press is a transaction of its own for each row: a thousand in one request would outlast the
    server's patience, so the page comes back for each hundred.
    """
    rest = queryset.order_by("pk")
    if after.isdecimal():
        rest = rest.filter(pk__gt=int(after))
    rows = list(rest[:MOST_AT_ONCE])
    left = rest.filter(pk__gt=rows[-1].pk)[:LIMIT].count() if len(rows) == MOST_AT_ONCE else 0
    return rows, left


def sentence(error: DomainError | ValidationError) -> str:
    """Return what a refusal says to people."""
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return str(error.message)


def _press_many(
    admin: "ScopedModelAdmin", request: HttpRequest, rows: list[Any], button: Button, call: Call
) -> None:
    done, refused = 0, 0
    for row in rows:
        if not admin.may(request, button.verb, row):
            message = _("You may not do this.")
        else:
            try:
                button.press(row, call, watched=admin.watched)
            except (DomainError, ValidationError) as error:
                message = sentence(error)
            else:
                done += 1
                continue
        refused += 1
        if refused <= _MOST_MESSAGES:
            messages.error(request, f"{admin.headline(row).title}: {message}")
    if refused > _MOST_MESSAGES:
        messages.error(request, _("… and %(more)d more.") % {"more": refused - _MOST_MESSAGES})
    if done:
        messages.success(
            request,
            ngettext("%(step)s: %(count)d done.", "%(step)s: %(count)d done.", done)
            % {"step": button.label, "count": done},
        )


def _call(request: HttpRequest, form: Any) -> Call:
    values = dict(form.cleaned_data)
    return Call(user=person(request), reason=values.pop("reason", ""), values=values)


def _page(
    admin: "ScopedModelAdmin", request: HttpRequest, context: dict[str, Any], *, status: int
) -> HttpResponse:
    return TemplateResponse(
        request,
        "admin/console/press.html",
        {**admin.admin_site.each_context(request), "opts": admin.opts, **context},
        status=status,
    )
