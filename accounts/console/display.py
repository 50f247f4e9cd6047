"""How values look in the admin: times with their zone, money, badges, links to objects."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.logging import redact
from common.money import Money
from common.templatetags import frontdesk

NOTHING: Final = "—"
_TONES: Final[Mapping[str, str]] = {
    "confirmed": "success",
    "succeeded": "success",
    "completed": "success",
    "done": "success",
    "sent": "success",
    "delivered": "success",
    "active": "success",
    "requested": "warning",
    "pending": "warning",
    "submitting": "warning",
    "submitted": "warning",
    "requires_action": "warning",
    "processing": "info",
    "deferred": "info",
    "queued": "info",
    "open": "info",
    "created": "info",
    "failed": "danger",
    "dead": "danger",
    "no_show": "danger",
    "bounced": "danger",
    "unknown": "warning",
    "alert": "danger",
    "warning": "warning",
}


def tone_of(status: str) -> str:
    """Return the badge colour of a status: success, warning, danger, info or empty."""
    return _TONES.get(status, "")


def badge(text: object, tone: str = "") -> SafeString:
    """Draw a word as a coloured badge."""
    return format_html('<span class="fd-badge fd-badge--{}">{}</span>', tone or "plain", text)


def money(minor: int | None, currency: str) -> str:
    """Write minor units the way the reader's language does; a dash for nothing."""
    return NOTHING if minor is None else Money(minor, currency).display(frontdesk.locale())


def zoned(at: dt.datetime | None, zone: str, *, style: str = "short") -> SafeString | str:
    """Write an aware instant in a zone, with the zone named beneath it."""
    if at is None:
        return NOTHING
    return format_html(
        '<span class="fd-when">{}<small>{}</small></span>',
        frontdesk.when(at, zone, style),
        frontdesk.zone_name(zone),
    )


def link_to(item: models.Model | None, text: object = "") -> SafeString | str:
    """Link to the object's page in the admin, or only name it when it has none."""
    if item is None:
        return NOTHING
    meta = item._meta
    try:
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[item.pk])
    except NoReverseMatch:
        return str(text or item)
    return format_html('<a class="fd-link" href="{}">{}</a>', url, text or item)


def facts(*pairs: tuple[Any, Any]) -> Iterable[tuple[Any, Any]]:
    """Return the label and value pairs that have a value."""
    return [(label, value) for label, value in pairs if value not in (None, "", NOTHING)]


def pretty(value: Any) -> SafeString:
    """Write JSON readably, with secrets and personal data masked."""
    text = json.dumps(redact(value), indent=2, ensure_ascii=False, default=str)
    return format_html('<pre class="fd-json">{}</pre>', text)
