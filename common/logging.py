"""Log lines: JSON for machines, text for people, secrets removed at the sink by both.

Redaction looks at key names and at value patterns, recursively, because a secret may be logged
under any name.
"""

import logging
import re
from typing import Any

from pythonjsonlogger.json import JsonFormatter as _JsonFormatter

from common import context

MASK = "[redacted]"
_KEYS = re.compile(
    r"(?i)(pass(word|wd)?|secret|token|authorization|cookie|api[-_]?key|credential|signature|"
    r"session|private|card|cvc|email|phone|address|otp|seed)"
)
_VALUES = re.compile(
    r"(?ix)"
    r"(bearer\s+[a-z0-9._~+/=-]{8,}"  # tokens in headers
    r"|\b(sk|rk|pk|whsec|fd)_[a-z0-9_]{8,}"  # keys with a known prefix
    r"|\beyJ[a-z0-9_-]{10,}\.[a-z0-9_.-]+"  # JSON web tokens
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # user:password in addresses
    r"|\b[\w.+-]+@[\w-]+\.[\w.]+\b"  # email addresses
    r"|\b\d(?:[ -]?\d){12,18}\b)"  # card-like numbers
)
_PUBLIC_KEYS = frozenset({"session_id_hash", "address_hash"})


def redact(value: Any, key: str = "") -> Any:
    """Return the value without secrets and personal data; containers are walked."""
    if key and key not in _PUBLIC_KEYS and _KEYS.search(key):
        return MASK
    if isinstance(value, dict):
        return {name: redact(item, str(name)) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item) for item in value]
    if isinstance(value, str):
        return _VALUES.sub(MASK, value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return _VALUES.sub(MASK, str(value))


class JsonFormatter(_JsonFormatter):
    """One JSON object a line: time, level, logger, message, request_id and what `extra` holds."""

    def __init__(self) -> None:
        """Name the fields every line has."""
        super().__init__(
            "{asctime}{levelname}{name}{message}{exc_info}",
            style="{",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Add the request id and remove secrets."""
        if request_id := context.request_id.get():
            log_data["request_id"] = request_id
        cleaned: dict[str, Any] = redact(log_data)
        return cleaned


class TextFormatter(logging.Formatter):
    """A short line for a terminal."""

    def __init__(self) -> None:
        """Use time, level, logger and message."""
        super().__init__("%(asctime)s %(levelname)-7s %(name)s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without secrets."""
        return str(redact(super().format(record)))
