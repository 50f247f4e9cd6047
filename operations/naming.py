"""What people call an object that events and records know by its public id only."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts import naming
from accounts.models import ApiKey, Business, Contact, Device, User
from bookings.models import Booking, Calendar, Service, Task
from common.templatetags import frontdesk
from leads.models import Lead
from payments.models import GatewayAccount, Payment, Refund

# Kinds with one column that names them.
_COLUMNS: tuple[tuple[str, Any, str], ...] = (
    ("biz", Business, "name"),
    ("ctc", Contact, "name"),
    ("svc", Service, "name"),
    ("cal", Calendar, "name"),
    ("tsk", Task, "title"),
    ("gwa", GatewayAccount, "label"),
    ("led", Lead, "contact__name"),
    ("dev", Device, "user_agent"),
)


def _users(ids: tuple[str, ...]) -> Mapping[str, str]:
    rows = User.objects.filter(public_id__in=ids).only("public_id", "full_name", "email")
    return {row.public_id: str(row) for row in rows}


def _bookings(ids: tuple[str, ...]) -> Mapping[str, str]:
    rows = Booking.objects.filter(public_id__in=ids).values_list(
        "public_id", "contact__name", "service__name"
    )
    return {
        public_id: _("%(service)s for %(customer)s") % {"service": service, "customer": customer}
        for public_id, customer, service in rows
    }


def _payments(ids: tuple[str, ...]) -> Mapping[str, str]:
    rows = Payment.objects.filter(public_id__in=ids)
    return {
        row.public_id: _("payment of %(amount)s")
        % {"amount": row.money.display(frontdesk.locale())}
        for row in rows
    }


def _refunds(ids: tuple[str, ...]) -> Mapping[str, str]:
    rows = Refund.objects.filter(public_id__in=ids)
    return {
        row.public_id: _("refund of %(amount)s") % {"amount": row.money.display(frontdesk.locale())}
        for row in rows
    }


def _keys(ids: tuple[str, ...]) -> Mapping[str, str]:
    rows = ApiKey.objects.filter(public_id__in=ids).values_list("public_id", "name")
    return {public_id: _("API key %(name)s") % {"name": name} for public_id, name in rows}


def _by_column(model: Any, column: str) -> naming.Namer:
    def read(ids: tuple[str, ...]) -> Mapping[str, str]:
        rows = model._default_manager.filter(public_id__in=ids)
        return {
            public_id: name for public_id, name in rows.values_list("public_id", column) if name
        }

    return read


def connect() -> None:
    """Say how each kind is named; repeats safely."""
    for prefix, model, column in _COLUMNS:
        naming.register(prefix, _by_column(model, column))
    naming.register("usr", _users)
    naming.register("key", _keys)
    naming.register("bkg", _bookings)
    naming.register("pay", _payments)
    naming.register("rfn", _refunds)
