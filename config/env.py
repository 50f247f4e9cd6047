"""The one place that reads the environment.

Every variable the project understands is declared in `VARIABLES`; reading an undeclared one is
a programming error. `.env.example` lists the same names. A secret may also come from a file
named by `NAME_FILE`, as container platforms hand them over.
"""

import os
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

VARIABLES: Final[dict[str, str]] = {
    "SECRET_KEY": "Signs sessions and links; at least 50 random characters.",
    "FIELD_KEYS": "Fernet keys for encrypted fields, comma separated; the first encrypts, all decrypt.",
    "JWT_PRIVATE_KEY": "RSA private key (PEM) that signs access tokens.",
    "ALLOWED_HOSTS": "Host names the site answers to, comma separated.",
    "SITE_URL": "Public address of the site, without a trailing slash.",
    "REALTIME_URL": "Public WebSocket address (ws:// or wss://); derived from SITE_URL when unset.",
    "TRUSTED_PROXIES": "Addresses or networks of proxies whose X-Forwarded-* headers count, comma separated.",
    "CSRF_TRUSTED_ORIGINS": "Further origins whose forms are accepted, comma separated.",
    "HOST": "Address the processes listen on; bin/run: 127.0.0.1.",
    "PORT": "Port of pages and API; bin/run: 8000.",
    "REALTIME_PORT": "Port of WebSockets; bin/run: PORT + 1.",
    "WEB_WORKERS": "Processes of the web server.",
    "WEB_THREADS": "Threads of each of them.",
    "WORKER_PROCESSES": "Processes of the worker for the critical and default lanes.",
    "DATABASE_URL": "PostgreSQL, as a libpq address; unset under bin/run: an embedded server.",
    "DATABASE_CONN_MAX_AGE": "Seconds a web process keeps a database connection; -1 keeps it for good.",
    "DATABASE_PREPARE_AFTER": "Executions of a statement on one connection before it is prepared; 0: never, for a PgBouncer older than 1.21.",
    "TRUST_PRIVATE_NETWORK": "true: database, Redis and broker share a private network and need no TLS.",
    "REDIS_URL": "Redis for cache, rate limits, sockets; unset under bin/run: an embedded server.",
    "CELERY_BROKER_URL": "Broker of the workers: redis or amqp; unset: the Redis above.",
    "PROCESS_TYPE": "web, realtime, worker, beat or release: selects connection handling.",
    "FRONTDESK_VAR": "Folder for local data: uploads, mail kept for the inbox page.",
    "EMAIL_URL": "smtp://user:password@host:port?tls=1 or resend://key; unset: the local inbox page.",
    "DEFAULT_FROM_EMAIL": "Sender of outgoing mail.",
    "OPERATOR_EMAILS": "Who gets the daily seal of the audit log, comma separated.",
    "ERASURE_RECORDS": "Folder for records of erased people, kept apart from the database.",
    "SENTRY_DSN": "Sentry project address; unset: nothing is sent.",
    "SENTRY_TRACES_SAMPLE_RATE": "Share of requests traced, 0 to 1.",
    "RELEASE": "Version name shown in health answers and error reports.",
    "ENVIRONMENT": "Name of the deployment: development, preview or production.",
    "LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR.",
    "LOG_FORMAT": "json or text.",
    "STRIPE_API_BASE": "Address of Stripe's API; only tests and local servers change it.",
    "DISCORD_API_BASE": "Address of Discord's API; only tests and local servers change it.",
    "PASSWORD_BREACH_API": "Address of a service with Have I Been Pwned's range API; unset: not asked.",
    "DISCORD_CLIENT_ID": "Application id at Discord for signing in; unset: not offered.",
    "DISCORD_CLIENT_SECRET": "Its client secret.",
    "GOOGLE_CLIENT_ID": "OAuth client id at Google for signing in; unset: not offered.",
    "GOOGLE_CLIENT_SECRET": "Its client secret.",
    "GOOGLE_BASE": "Address in place of Google's; only tests and local servers set it.",
    "GITHUB_CLIENT_ID": "OAuth app id at GitHub for signing in; unset: not offered.",
    "GITHUB_CLIENT_SECRET": "Its client secret.",
    "GITHUB_BASE": "Address of a GitHub Enterprise Server in place of github.com.",
    "GEOIP_DATABASE": "MMDB file that tells an address's country; needs the package maxminddb; unset: no country.",
    "CORS_ALLOWED_ORIGINS": "Origins that may read non-public API answers, comma separated.",
    "RATE_LIMIT_AUTHENTICATION": "Sign-in attempts a minute and address.",
    "RATE_LIMIT_PAYMENTS": "Payment and refund requests a minute and caller.",
    "RATE_LIMIT_GENERAL": "Other API requests a minute and caller.",
    "RATE_LIMIT_UPLOADS": "Uploads a minute and caller.",
}


def _raw(name: str) -> str | None:
    if name not in VARIABLES:
        raise ImproperlyConfigured(f"{name} is not declared in config/env.py")
    value = os.environ.get(name)
    if value is None and (path := os.environ.get(f"{name}_FILE")):
        try:
            value = Path(path).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: cannot read {path}: {error}") from error
    return value if value != "" else None


def provide(**defaults: str) -> None:
    """Give variables a value where the environment has none; for settings that need no set-up."""
    for name, value in defaults.items():
        if _raw(name) is None:
            os.environ[name] = value


def text(name: str, default: str | None = None) -> str:
    """Return the variable, or the default; raises ImproperlyConfigured when both are missing."""
    value = _raw(name)
    if value is not None:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} must be set: {VARIABLES[name]}")
    return default


def items(name: str, default: str = "") -> list[str]:
    """Return a comma separated variable as a list without blanks."""
    return [part for part in (piece.strip() for piece in text(name, default).split(",")) if part]


def integer(name: str, default: int | None = None) -> int:
    """Return a whole number; raises ImproperlyConfigured on anything else."""
    value = text(name, None if default is None else str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from error


def flag(name: str, *, default: bool) -> bool:
    """Return true or false; raises ImproperlyConfigured on anything else."""
    return choice(name, ("true", "false"), "true" if default else "false") == "true"


def share(name: str, default: float) -> float:
    """Return a number from 0 to 1."""
    value = text(name, str(default))
    try:
        number = float(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a number, not {value!r}") from error
    if not 0 <= number <= 1:
        raise ImproperlyConfigured(f"{name} must lie between 0 and 1, not {value!r}")
    return number


def choice(name: str, options: tuple[str, ...], default: str) -> str:
    """Return one of the options."""
    value = text(name, default)
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}")
    return value


def database(name: str, *, default: str | None = None) -> dict[str, Any]:
    """Return Django's settings for a libpq address such as postgres://user@host:5432/name.

    Everything libpq knows may follow as a query (sslmode, host=/socket/folder).
    """
    address = text(name, default)
    try:
        parts: dict[str, Any] = dict(conninfo_to_dict(address))
    except Exception as error:  # psycopg's parser raises several kinds; each means a bad address
        raise ImproperlyConfigured(f"{name} is not a PostgreSQL address: {error}") from error
    return {
        "ENGINE": "common.postgres",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "OPTIONS": parts,
    }
