"""The tiles of the admin's first page that look into several apps."""

import datetime as dt
from collections.abc import Iterator

from django.contrib import admin
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts import policy, tiles
from accounts.console.work import late
from accounts.models import User
from accounts.tiles import Tile
from bookings.models import Booking, Task
from common.money import Money
from common.templatetags import frontdesk
from events import registry
from events.models import Work
from operations import queries
from payments.models import LedgerEntry, Payment


def register() -> None:
    """Add the tiles, most urgent first; repeats safely."""
    tiles.add("payments", "attention", _payments)
    tiles.add("forged", "attention", _forged)
    tiles.add("requests", "attention", _requests)
    tiles.add("tasks", "attention", _tasks)
    tiles.add("work", "attention", _work)
    tiles.add("bookings", "figures", _bookings)
    tiles.add("money", "figures", _money)


def _list(model: str, query: str = "") -> str:
    return reverse(f"admin:{model}_changelist") + query


def _payments(user: User, now: dt.datetime) -> Iterator[Tile]:
    if not policy.may_manage_some(user, "view", Payment):
        return
    review, failed, checked = queries.payment_counts(user, now=now)
    page = _list("payments_payment")
    if review:
        hint = _("amount, currency or account did not fit")
        url = f"{page}?attention=review"
        yield Tile(_("Payments in review"), str(review), url, hint, "danger")
    if failed:
        url = f"{page}?attention=failed_24h"
        yield Tile(_("Failed payments"), str(failed), url, _("last 24 hours"), "danger")
    if checked:
        hint = _("the gateway has not answered")
        url = f"{page}?attention=checked"
        yield Tile(_("Payments being checked"), str(checked), url, hint, "warning")


def _forged(user: User, now: dt.datetime) -> Iterator[Tile]:
    if count := queries.forged_notices(user, now=now):
        url = _list("accounts_securityentry", "?kind=webhook.forged")
        yield Tile(_("Forged notices"), str(count), url, _("last 24 hours"), "danger")


def _requests(user: User, now: dt.datetime) -> Iterator[Tile]:
    if not policy.may_manage_some(user, "confirm", Booking):
        return
    if count := queries.requests_waiting(user, now=now):
        hint = _("customers wait for a yes or no")
        url = _list("bookings_booking", "?status__exact=requested")
        yield Tile(_("Requests to answer"), str(count), url, hint, "warning")


def _tasks(user: User, now: dt.datetime) -> Iterator[Tile]:
    if not policy.may_manage_some(user, "view", Task):
        return
    if count := queries.overdue_tasks(user, now=now):
        url = _list("bookings_task", "?due=overdue")
        yield Tile(_("Overdue tasks"), str(count), url, tone="warning")


def _work(user: User, _now: dt.datetime) -> Iterator[Tile]:
    if not user.is_superuser:
        return
    for progress, label, condition, tone in (
        ("dead", _("Work that ended dead"), Q(state=Work.State.DEAD), "danger"),
        ("late", _("Work that is late"), late(), "warning"),
    ):
        models = [kind.model for kind in registry.kinds()]
        counts = [(model._default_manager.filter(condition).count(), model) for model in models]
        counts = sorted((pair for pair in counts if pair[0]), key=lambda pair: -pair[0])
        if counts:
            hint = ", ".join(f"{model._meta.verbose_name_plural}: {n}" for n, model in counts)
            total = sum(n for n, _model in counts)
            yield Tile(label, str(total), _work_list(counts[0][1], progress), hint, tone)


def _bookings(user: User, now: dt.datetime) -> Iterator[Tile]:
    if not policy.may_manage_some(user, "view", Booking):
        return
    today, week = queries.booking_counts(user, now=now)
    page = _list("bookings_booking")
    yield Tile(_("Bookings today"), str(today), f"{page}?when=today")
    yield Tile(_("Next 7 days"), str(week), f"{page}?when=week", _("bookings"))


def _money(user: User, now: dt.datetime) -> Iterator[Tile]:
    if not policy.may_manage_some(user, "view", LedgerEntry):
        return
    found = queries.revenue(user, now=now)
    page = _list("payments_ledgerentry")
    hint = _("last 30 days")
    if found and found[0].before.minor > 0:
        change = round((found[0].net.minor / found[0].before.minor - 1) * 100)
        hint = _("last 30 days, %(change)s on the 30 before") % {"change": f"{change:+d} %"}
    nets = [item.net for item in found if item.net.minor]
    yield Tile(_("Revenue"), _written(nets), page, hint)
    backs = [item.refunded for item in found if item.refunded.minor]
    yield Tile(_("Refunded"), _written(backs), f"{page}?kind__exact=refund", _("last 30 days"))


def _written(amounts: list[Money]) -> str:
    return "\n".join(amount.display(frontdesk.locale()) for amount in amounts) or "0"


def _work_list(model: type[Work], progress: str) -> str:
    meta = model._meta
    if model not in admin.site._registry:
        return reverse("admin:index")
    try:
        return _list(f"{meta.app_label}_{meta.model_name}", f"?progress={progress}")
    except NoReverseMatch:
        return reverse("admin:index")
