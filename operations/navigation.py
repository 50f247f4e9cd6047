"""The admin's side bar: by what staff do, not by where the code lies."""

from typing import Any, Final

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Labels of models and the icon of each; one that is not registered or not the person's to see
# is left out, and so is a group without any.
_GROUPS: Final = (
    (
        gettext_lazy("Desk"),
        (
            ("bookings.Booking", "event"),
            ("bookings.Task", "task_alt"),
            ("accounts.Contact", "contacts"),
            ("leads.Lead", "person_add"),
            ("bookings.ConversationMessage", "chat"),
        ),
    ),
    (
        gettext_lazy("Money"),
        (
            ("payments.Payment", "payments"),
            ("payments.Refund", "undo"),
            ("payments.LedgerEntry", "receipt_long"),
            ("payments.GatewayAccount", "account_balance"),
        ),
    ),
    (
        gettext_lazy("Offer"),
        (
            ("bookings.Service", "sell"),
            ("bookings.Calendar", "calendar_month"),
            ("bookings.WeeklyRule", "schedule"),
            ("bookings.DateOverride", "event_available"),
            ("bookings.BlockedPeriod", "event_busy"),
        ),
    ),
    (
        gettext_lazy("People"),
        (
            ("accounts.Business", "storefront"),
            ("accounts.Membership", "badge"),
            ("accounts.Invitation", "mail"),
            ("accounts.Staff", "person"),
            ("accounts.User", "group"),
            ("accounts.PlatformMember", "support_agent"),
            ("accounts.ApiKey", "key"),
        ),
    ),
    (
        gettext_lazy("Running"),
        (
            ("webhooks.InboundEvent", "webhook"),
            ("notifications.Notification", "notifications"),
            ("notifications.BusinessChannel", "outgoing_mail"),
            ("events.Reaction", "bolt"),
            ("events.WorkFailure", "error"),
            ("events.Event", "history"),
            ("django_celery_beat.PeriodicTask", "timer"),
        ),
    ),
    (
        gettext_lazy("Records"),
        (
            ("accounts.AuditEntry", "policy"),
            ("accounts.AuditDigest", "verified"),
            ("accounts.SecurityEntry", "shield"),
            ("accounts.PersonalExport", "folder_zip"),
            ("accounts.Erasure", "person_off"),
        ),
    ),
)


def group_of(label: str) -> str:
    """Return the title of the group that holds a model, such as `bookings.Booking`, or nothing."""
    for title, entries in _GROUPS:
        if any(label == name for name, _icon in entries):
            return str(title)
    return ""


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups and items the person may open."""
    home = {"title": _("Today"), "icon": "today", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"items": [home]}]
    for title, entries in _GROUPS:
        items = [item for label, icon in entries if (item := _item(request, label, icon))]
        if items:
            groups.append({"title": str(title), "items": items})
    return groups


def _item(request: HttpRequest, label: str, icon: str) -> dict[str, Any] | None:
    try:
        model = apps.get_model(label)
    except LookupError:
        return None
    page = admin.site._registry.get(model)
    if page is None or not page.has_module_permission(request):
        return None
    meta = model._meta
    return {
        "title": capfirst(str(meta.verbose_name_plural)),
        "icon": icon,
        "link": reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"),
    }
