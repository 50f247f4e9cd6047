"""Keeps parallel test processes apart: each has Redis databases of its own.

Loaded before settings are read. PostgreSQL is kept apart by pytest-django's database names.
"""

import os

# Importing config names the production settings if none are named.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

from config import redis_urls

# Broker, cache and sockets.
_DATABASES_PER_PROCESS = 3
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
_url = os.environ.get("REDIS_URL", "")

if _worker.startswith("gw") and _url:
    _shift = int(_worker.removeprefix("gw")) * _DATABASES_PER_PROCESS
    os.environ["REDIS_URL"] = redis_urls.with_database(
        _url, redis_urls.database_number(_url) + _shift
    )
