"""One Redis address turned into what cache, sockets and broker each want."""

import ssl
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit


def with_database(url: str, number: int) -> str:
    """Return the address with another database number, for TCP and unix socket addresses."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    # What the address says about TLS, such as ssl_ca_certs, goes with it.
    kept = urlencode([pair for pair in parse_qsl(parts.query) if pair[0] != "db"])
    return parts._replace(path=f"/{number}", query=kept).geturl()


def database_number(url: str) -> int:
    """Return the database number the address names; 0 when it names none."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return int(parse_qs(parts.query).get("db", ["0"])[0])
    return int(parts.path.strip("/") or 0)


def as_broker(url: str) -> str:
    """Return the address in Celery's dialect, which has its own scheme for unix sockets."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"redis+socket://{parts.path}?virtual_host={database_number(url)}"
    if parts.scheme == "rediss" and "ssl_cert_reqs" not in parts.query:
        # Celery wants it said; the other clients check certificates by themselves.
        query = "&".join(part for part in (parts.query, "ssl_cert_reqs=required") if part)
        return parts._replace(query=query).geturl()
    return url


def broker_tls(url: str) -> dict[str, Any] | None:
    """Return how an amqps broker is proven; its library checks no certificate by itself.

    The authorities are the system's, or those of SSL_CERT_FILE. None for every other address.
    """
    parts = urlsplit(url)
    if parts.scheme != "amqps":
        return None
    return {
        "cert_reqs": ssl.CERT_REQUIRED,
        "ca_certs": ssl.get_default_verify_paths().cafile,
        "server_hostname": parts.hostname,
    }
