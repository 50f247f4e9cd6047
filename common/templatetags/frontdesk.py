"""Template tags of the site: money, times with their zone, icons, and components that hold content.

Leaf components are included from templates/components/; only those wrapping a body are tags here.
"""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from django import template
from django.db.models.fields.files import FieldFile
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from common import charts
from common.colour import DEFAULT_ACCENT
from common.money import Money

register = template.Library()

THEMES = ("light", "dark")


def locale() -> str:
    """Return the active language as a Babel locale name."""
    return (get_language() or "en").replace("-", "_")


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw one icon of img/icons.svg; without a label screen readers pass over it."""
    described = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html(
        '<svg class="icon" {}><use href="{}#{}"></use></svg>',
        described,
        static("frontdesk/img/icons.svg"),
        name,
    )


@register.filter
def money(value: Money | None) -> str:
    """Write an amount the way the reader's language does."""
    return "" if value is None else value.display(locale())


@register.filter
def price(value: Money) -> str:
    """Write a price; nothing to pay is a word, not a figure."""
    return gettext("free") if value.minor == 0 else money(value)


@register.simple_tag
def money_of(minor: int | None, currency: str) -> str:
    """Write minor units of a currency the way the reader's language does."""
    return "" if minor is None else Money(minor, currency).display(locale())


@register.simple_tag
def when(at: datetime | None, zone: str | ZoneInfo, style: str = "full") -> SafeString:
    """
    Write an aware instant in a zone, as a `<time>` element.

    Styles: full (date, time, zone), day (date, time), date, time, short (short date, time).
    A page that leaves the zone out must name it nearby.
    """
    if at is None:
        return mark_safe("")
    tz = ZoneInfo(zone) if isinstance(zone, str) else zone
    local = at.astimezone(tz)
    text = _written(local, style)
    return format_html(
        '<time datetime="{}" data-zone="{}">{}</time>', local.isoformat(), tz.key, text
    )


def dated(at: datetime, zone: ZoneInfo) -> str:
    """Write an aware instant in a zone with its year, for texts that are kept."""
    local, name = at.astimezone(zone), locale()
    day = format_date(local.date(), _pattern(name, short=True, year=True), locale=name)
    return f"{day}, {format_time(local, 'short', locale=name)}"


def _written(local: datetime, style: str) -> str:
    name = locale()
    clock = format_time(local, "short", locale=name)
    if style == "time":
        return clock
    if style == "date":
        return long_date(local.date())
    if style == "short":
        return f"{short_date(local.date())}, {clock}"
    day = long_date(local.date())
    if style == "day":
        return f"{day}, {clock}"
    return f"{day}, {clock} ({zone_name(str(local.tzinfo))})"


def _pattern(name: str, *, short: bool, year: bool) -> str:
    if name.startswith("vi"):
        return ("d 'thg' M" if short else "EEEE, d MMMM") + (", y" if year else "")
    return ("d MMM" if short else "EEEE d MMMM") + (" y" if year else "")


@register.filter
def long_date(day: date) -> str:
    """Write a date with its weekday; the year only when it isn't this one."""
    name = locale()
    year = day.year != timezone.now().year
    return format_date(day, _pattern(name, short=False, year=year), locale=name)


@register.filter
def short_date(day: date) -> str:
    """Write a date as day and month; the year only when it isn't this one."""
    name = locale()
    return format_date(
        day,
        _pattern(name, short=True, year=day.year != timezone.now().year),
        locale=name,
    )


@register.filter
def weekday_name(day: date) -> str:
    """Write the whole weekday of a date."""
    return str(format_date(day, "cccc", locale=locale())).capitalize()


@register.filter
def weekday_short(day: date) -> str:
    """Write the short weekday of a date."""
    return str(format_date(day, "EEE", locale=locale()))


@register.filter
def month_short(day: date) -> str:
    """Write the short month of a date."""
    return str(format_date(day, "MMM", locale=locale()))


@register.filter
def zone_name(zone: str) -> str:
    """Name a zone for people: its city and the offset now, such as 'Ho Chi Minh City, GMT+7'."""
    tz = ZoneInfo(zone)
    now = timezone.now().astimezone(tz)
    seconds = int((now.utcoffset() or now - now).total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    written = f"GMT{'-' if seconds < 0 else '+'}{hours}" + (f":{minutes:02d}" if minutes else "")
    city = (
        "Hồ Chí Minh" if zone == "Asia/Ho_Chi_Minh" else zone.rsplit("/", 1)[-1].replace("_", " ")
    )
    return "UTC" if zone == "UTC" else f"{city}, {written}"


@register.filter
def minutes(value: int) -> str:
    """Write a duration in whole minutes as '1 h 30 min'."""
    hours, rest = divmod(int(value), 60)
    parts = ([gettext("%(count)s h") % {"count": hours}] if hours else []) + (
        [gettext("%(count)s min") % {"count": rest}] if rest or not hours else []
    )
    return " ".join(parts)


@register.filter
def initials(name: str) -> str:
    """Return the first letters of the first and last word of a name."""
    words = name.split()
    return "".join(
        word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)
    ).upper()


@register.filter
def image_url(image: FieldFile | None) -> str:
    """Return the address of an uploaded picture; empty when there is none."""
    return image.url if image else ""


@register.filter
def accent_code(colour: str | None) -> str:
    """Return a colour without '#', for the address of its stylesheet."""
    return (colour or DEFAULT_ACCENT).lstrip("#").lower()


@register.simple_tag(takes_context=True)
def theme(context: dict[str, Any]) -> str:
    """Return the theme the reader chose on this device; empty when the device decides."""
    request = context.get("request")
    chosen = request.COOKIES.get("frontdesk_theme", "") if request else ""
    return chosen if chosen in THEMES else ""


@register.simple_tag
def bar_chart(
    points: list[tuple[str, int]], title: str, values: list[str] | None = None
) -> SafeString:
    """Draw bars as SVG on the server; `values` are the written figures, one for each point."""
    chart = charts.bars(points, written=values)
    return render_to_string("components/chart.html", {"chart": chart, "title": title})


@register.simple_tag(takes_context=True)
def with_query(context: dict[str, Any], **changes: object) -> str:
    """Return this page's query with some parameters replaced; None removes one."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.simple_block_tag
def card(
    content: str,
    *,
    title: str = "",
    link: str = "",
    link_label: str = "",
    flush: bool = False,
) -> SafeString:
    """Wrap a body in a card with an optional heading and one link beside it."""
    return render_to_string(
        "components/card.html",
        {
            "content": content,
            "title": title,
            "link": link,
            "link_label": link_label,
            "flush": flush,
        },
    )


@register.simple_block_tag
def dialog(content: str, name: str, title: str) -> SafeString:
    """Wrap a body in a modal dialog; a button with `data-dialog=name` opens it."""
    return render_to_string(
        "components/dialog.html", {"content": content, "name": name, "title": title}
    )
