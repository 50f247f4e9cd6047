"""JSON in and out of the REST API, by orjson."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from common.errors import DomainError

MAX_BODY_BYTES: Final = 256 * 1024


class PayloadTooLarge(DomainError):
    """The body is larger than any request here needs."""

    code = "PAYLOAD_TOO_LARGE"
    status = 413
    error = "Content too large"
    message = _("The request body is too large.")


class MalformedJson(DomainError):
    """The body is not JSON."""

    code = "MALFORMED_REQUEST"
    message = _("The request body is not valid JSON.")


def _plain(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def dump(value: Any) -> bytes:
    """Return the JSON bytes; instants carry their offset."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_OMIT_MICROSECONDS)


class JsonParser(BaseParser):
    """Reads JSON of at most MAX_BODY_BYTES, without NaN, deep nesting or lone surrogates."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parsed body; raises PayloadTooLarge or MalformedJson."""
        body = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise PayloadTooLarge
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            raise MalformedJson from None


class JsonRenderer(BaseRenderer):
    """Writes JSON."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the bytes; no data is an empty body."""
        return b"" if data is None else dump(data)
