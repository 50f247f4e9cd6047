"""A database of this run's own beside the given one, and keys of its own in the given Redis."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from cryptography.fernet import Fernet
from psycopg import sql

from bench.settings_names import REDIS_PREFIX


def _with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


@contextlib.contextmanager
def scratch_database() -> Iterator[str]:
    """Create a database next to DATABASE_URL's, let the environment name it, drop it at the end.

    The given database is used only to connect to its server. Raises psycopg.Error when the role
    may not create databases.
    """
    given = os.environ["DATABASE_URL"]
    name = f"frontdesk_bench_{secrets.token_hex(4)}"
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    os.environ.update(
        DATABASE_URL=_with_database(given, name),
        DJANGO_SETTINGS_MODULE="bench.settings",
        SECRET_KEY=secrets.token_hex(32),
        FIELD_KEYS=Fernet.generate_key().decode(),
        LOG_LEVEL="ERROR",
        # Long statements, such as filling a table, outlast a web process's limit.
        PROCESS_TYPE="release",
    )
    try:
        yield name
    finally:
        with psycopg.connect(given, autocommit=True) as server:
            server.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
        _forget_keys(os.environ["REDIS_URL"])
        os.environ["DATABASE_URL"] = given


def _forget_keys(url: str) -> None:
    """Delete what the run left in Redis, in the three databases the product uses."""
    from config import redis_urls

    first = redis_urls.database_number(url)
    for number in range(first, first + 3):
        with redis.Redis.from_url(redis_urls.with_database(url, number)) as client:
            for pattern in (f"{REDIS_PREFIX}*", f"limit:{REDIS_PREFIX}*"):
                if keys := list(client.scan_iter(pattern, count=1000)):
                    client.delete(*keys)
