"""Fields of API inputs that describe themselves exactly in the document."""

import re
import unicodedata
import zoneinfo
from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class TextField(serializers.CharField):
    """Text people typed, in composed form; control characters other than line ends are refused."""

    default_error_messages = {"control": _("Remove the invisible control characters.")}

    def to_internal_value(self, data: Any) -> str:
        """Return the text, stripped and composed (NFC); a number is no text."""
        if not isinstance(data, str):
            self.fail("invalid")
        text = unicodedata.normalize("NFC", super().to_internal_value(data))
        if _CONTROL.search(text):
            self.fail("control")
        return text


class PhoneField(serializers.RegexField):
    """A phone number as people write it."""

    def __init__(self, **kwargs: Any) -> None:
        """Ask for digits with the usual separators."""
        super().__init__(r"^\+?[0-9][0-9 ()./-]{4,18}$", **kwargs)


class PublicIdInput(serializers.RegexField):
    """A public id of one kind."""

    def __init__(self, prefix: str, **kwargs: Any) -> None:
        """`prefix` is the kind's short name before the underscore."""
        self.prefix = prefix
        super().__init__(rf"^{prefix}_[0-9a-z]{{26}}$", **kwargs)


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


@extend_schema_field({"type": "string", "examples": ["Asia/Ho_Chi_Minh"], "maxLength": 64})
class TimeZoneField(serializers.CharField):
    """An IANA time zone name."""

    default_error_messages = {"zone": _("Choose a time zone such as Asia/Ho_Chi_Minh.")}

    def to_internal_value(self, data: Any) -> str:
        """Return the name; refuse an unknown one."""
        name = super().to_internal_value(data)
        if name and name not in _zones():
            self.fail("zone")
        return name
