"""First answers of the wizard, guessed so that most people only confirm them."""

import zoneinfo
from typing import Final

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies
from django.utils.text import slugify
from django.utils.translation import get_language

from accounts.models import Business
from common.text import fold

_SLUG_LENGTH: Final = 60
_FALLBACK_CURRENCY: Final = "USD"
# Words that are addresses of the site's own beside the slugs of businesses.
RESERVED_SLUGS: Final = frozenset(
    {"account", "address", "admin", "api", "book", "bookings", "manage", "new", "setup", "team"}
)


def is_free(slug: str, *, except_for: Business | None = None) -> bool:
    """Say whether a business may have this address."""
    if slug in RESERVED_SLUGS:
        return False
    taken = Business.objects.filter(slug=slug)
    return not (taken.exclude(pk=except_for.pk) if except_for else taken).exists()


def suggest_slug(name: str, *, except_for: Business | None = None) -> str:
    """Return a free address made of the name; empty when no letter of it can stand in one."""
    base = slugify(fold(name))[: _SLUG_LENGTH - 4].strip("-")
    if not base or is_free(base, except_for=except_for):
        return base
    taken = set(Business.objects.filter(slug__startswith=f"{base}-").values_list("slug", flat=True))
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"


def known_zone(*names: str) -> str:
    """Return the first that is an IANA time zone, by its present name, else UTC.

    Some browsers give names of old, such as Asia/Saigon.
    """
    known, renamed = zoneinfo.available_timezones(), get_global("zone_aliases")
    found = next((name for name in names if name in known), "UTC")
    present = str(renamed.get(found, found))
    return present if "/" in present and present in known and "Etc/" not in present else found


def currency_of(zone: str) -> str:
    """Return the ISO 4217 code of the money used in the zone's country, by CLDR."""
    canonical = get_global("zone_aliases").get(zone, zone)
    territory = get_global("zone_territories").get(canonical)
    found = get_territory_currencies(territory) if territory else []
    return str(found[0]) if found else _FALLBACK_CURRENCY


def currency_choices() -> list[tuple[str, str]]:
    """Return every currency that is legal tender somewhere today, named in the active language."""
    names = Locale.parse((get_language() or "en").replace("-", "_")).currencies
    codes = {
        str(code)
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory)
    }
    return [(code, f"{code} · {names.get(code, code)}") for code in sorted(codes)]
