"""What can be known before anything starts: room on the disk, a writable folder, given services."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import psycopg
import redis

from config.launcher.errors import CannotStart

_NEEDED_MB = 300


def check_folder(var: Path) -> None:
    """Create the data folder; it must be writable and have room. Raises CannotStart."""
    try:
        var.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"cannot create {var} ({error.strerror}); set FRONTDESK_VAR.") from error
    if not os.access(var, os.W_OK | os.X_OK):
        raise CannotStart(
            f"{var} belongs to another account. Start as that account, or set FRONTDESK_VAR to a "
            "folder of your own."
        )
    free_mb = shutil.disk_usage(var).free // 2**20
    if free_mb < _NEEDED_MB:
        raise CannotStart(
            f"only {free_mb} MB are free for {var}, and at least {_NEEDED_MB} MB are needed. Free "
            "some space, or set FRONTDESK_VAR to a folder on another disk."
        )


def check_given_services(environment: Mapping[str, str]) -> None:
    """Connect once to the servers the environment names. Raises CannotStart."""
    if address := environment.get("DATABASE_URL"):
        try:
            psycopg.connect(address, connect_timeout=5).close()
        except psycopg.Error as error:
            raise CannotStart(
                f"DATABASE_URL does not lead to a usable database: {str(error).strip()} "
                "Correct it, or unset it to use the built-in PostgreSQL."
            ) from error
    if address := environment.get("REDIS_URL"):
        try:
            with redis.Redis.from_url(
                address, socket_connect_timeout=5, socket_timeout=5
            ) as connection:
                connection.ping()
        except (redis.RedisError, ValueError) as error:
            raise CannotStart(
                f"REDIS_URL does not lead to a Redis server: {error}. "
                "Correct it, or unset it to use a built-in one."
            ) from error
