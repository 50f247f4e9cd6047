"""One mail address turned into Django's mail settings."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def mail_settings(url: str, inbox: Path) -> dict[str, Any]:
    """Return backend and options for `smtp://…`, `resend://key`, or '' for the local inbox.

    Of SMTP, `?tls=1` means STARTTLS and `?ssl=1` TLS from the start. Raises ImproperlyConfigured.
    """
    if not url:
        return {"backend": "notifications.inbox.backend.InboxBackend", "file_path": inbox}
    parts = urlsplit(url)
    if parts.scheme == "resend" and parts.netloc:
        return {
            "backend": "anymail.backends.resend.EmailBackend",
            "anymail": {"RESEND_API_KEY": unquote(parts.netloc), "REQUESTS_TIMEOUT": 10},
        }
    if parts.scheme != "smtp" or not parts.hostname:
        message = "EMAIL_URL must be smtp://user:password@host:port?tls=1 or resend://key"
        raise ImproperlyConfigured(message)
    query = parse_qs(parts.query)
    return {
        "backend": "django.core.mail.backends.smtp.EmailBackend",
        "host": parts.hostname,
        "port": parts.port or 25,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": query.get("tls", [""])[0] in ("1", "true"),
        "use_ssl": query.get("ssl", [""])[0] in ("1", "true"),
    }
