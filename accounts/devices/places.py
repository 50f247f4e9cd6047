"""The country of a network address, from an MMDB file named by settings.GEOIP_DATABASE.

Files of this format (MaxMind's GeoLite2 Country, DB-IP's free one) are the operator's to get. The
country is blank without the file, without the package `maxminddb`, and for addresses it lacks.
"""

import logging
from functools import lru_cache
from importlib import import_module
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)


def country_of(address: str) -> str:
    """Return the two letters of ISO 3166-1, or nothing. Never raises."""
    path = settings.GEOIP_DATABASE
    reader = _reader(path) if path and address else None
    if reader is None:
        return ""
    try:
        found = reader.get(address)
    except ValueError:
        return ""
    country = found.get("country") if isinstance(found, dict) else None
    code = country.get("iso_code") if isinstance(country, dict) else None
    return code if isinstance(code, str) and len(code) == 2 else ""  # noqa: PLR2004  ISO 3166-1


@lru_cache(maxsize=2)
def _reader(path: str) -> Any:
    try:
        return import_module("maxminddb").open_database(path)
    except ImportError:
        logger.warning("GEOIP_DATABASE is set but the package maxminddb is not installed")
    except (OSError, ValueError):
        logger.warning("the file of GEOIP_DATABASE cannot be read", exc_info=True)
    return None
