"""One Redis address turned into what cache, sockets and broker each want."""

from urllib.parse import parse_qs, urlsplit


def with_database(url: str, number: int) -> str:
    """Return the address with another database number, for TCP and unix socket addresses."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return parts._replace(path=f"/{number}", query="").geturl()


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
    return url
