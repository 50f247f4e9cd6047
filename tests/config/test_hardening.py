"""Production does not start with secrets anybody knows, debug, open hosts or unencrypted ways."""

import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet

from config import redis_urls
from tests.config.launched import REPOSITORY

pytestmark = pytest.mark.row("E12", "E15")
SAFE = {
    "SECRET_KEY": "c3JqZ2hkZmpnaGRma2pnaGRma2poZ2tqZGZoZ2tqZGZoZ2tqaGQ9",
    "FIELD_KEYS": Fernet.generate_key().decode(),
    "JWT_PRIVATE_KEY": "a PEM in real life; read when the first token is signed",
    "ALLOWED_HOSTS": "desk.example.com",
    "SITE_URL": "https://desk.example.com",
    "DATABASE_URL": "postgres://frontdesk:pw@db.example.com/frontdesk?sslmode=verify-full",
    "REDIS_URL": "rediss://redis.example.com:6379/0",
    "CELERY_BROKER_URL": "amqps://frontdesk:pw@mq.example.com:5671//",
}


def start(**changes: str) -> tuple[int, str]:
    """Import the production settings in a process of their own, as every program does."""
    given = {name: value for name, value in {**SAFE, **changes}.items() if value}
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=REPOSITORY,
        env={**kept, "DJANGO_SETTINGS_MODULE": "config.settings.production", **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


class TestProduction:
    def test_starts_when_everything_is_in_order(self) -> None:
        assert start() == (0, "")

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"SECRET_KEY": "short"}, "SECRET_KEY must be at least 50 random characters"),
            ({"SECRET_KEY": "a" * 60}, "SECRET_KEY must be at least 50 random characters"),
            (
                {"SECRET_KEY": "django-insecure-" + SAFE["SECRET_KEY"]},
                "SECRET_KEY must be at least 50 random characters",
            ),
            ({"FIELD_KEYS": "hunter2"}, "FIELD_KEYS holds something that is no Fernet key"),
            ({"FIELD_KEYS": "A" * 43 + "="}, "FIELD_KEYS holds a key that is not random"),
            ({"ALLOWED_HOSTS": "desk.example.com,*"}, "ALLOWED_HOSTS must name the hosts"),
            (
                {"DATABASE_URL": "postgres://f:pw@db.example.com/frontdesk"},
                "DATABASE_URL leaves this machine unencrypted",
            ),
            (
                {"DATABASE_URL": "postgres://f:pw@db.example.com/frontdesk?sslmode=prefer"},
                "DATABASE_URL leaves this machine unencrypted",
            ),
            (
                {"DATABASE_URL": "postgres://f:pw@127.0.0.1,db.example.com/frontdesk"},
                "DATABASE_URL leaves this machine unencrypted",
            ),
            ({"REDIS_URL": "redis://redis.example.com/0"}, "REDIS_URL leaves this machine"),
            (
                {"CELERY_BROKER_URL": "amqp://f:pw@mq.example.com//"},
                "CELERY_BROKER_URL leaves this machine",
            ),
        ],
    )
    def test_refuses(self, changes: dict[str, str], sentence: str) -> None:
        status, said = start(**changes)

        assert status == 1
        assert sentence in said
        assert "ImproperlyConfigured" in said
        # What was refused is a secret too.
        assert all(value not in said for name, value in changes.items() if "KEY" in name)

    @pytest.mark.parametrize(
        "changes",
        [
            {
                "DATABASE_URL": "postgres://f:pw@db.internal/frontdesk",
                "REDIS_URL": "redis://redis.internal/0",
                "CELERY_BROKER_URL": "amqp://f:pw@mq.internal//",
                "TRUST_PRIVATE_NETWORK": "true",
            },
            {
                "DATABASE_URL": "postgres:///frontdesk?host=/run/postgresql",
                "REDIS_URL": "unix:///run/redis/redis.sock?db=0",
                "CELERY_BROKER_URL": "",
            },
            {
                "DATABASE_URL": "postgres://f:pw@127.0.0.1/frontdesk",
                "REDIS_URL": "redis://localhost:6379/0",
                "CELERY_BROKER_URL": "amqp://f:pw@[::1]:5672//",
            },
        ],
    )
    def test_needs_no_encryption_on_the_machine_or_where_the_operator_vouches(
        self, changes: dict[str, str]
    ) -> None:
        assert start(**changes) == (0, "")


class TestEncryptedAddresses:
    def test_tls_settings_of_redis_reach_cache_sockets_and_broker(self) -> None:
        url = "rediss://:pw@redis.example.com:6379/3?ssl_ca_certs=/etc/ca.pem"

        assert redis_urls.database_number(url) == 3
        assert redis_urls.with_database(url, 5) == (
            "rediss://:pw@redis.example.com:6379/5?ssl_ca_certs=%2Fetc%2Fca.pem"
        )
        assert redis_urls.as_broker(url) == f"{url}&ssl_cert_reqs=required"

    def test_an_encrypted_broker_must_prove_itself(self) -> None:
        tls = redis_urls.broker_tls("amqps://f:pw@mq.example.com:5671//")

        assert tls is not None
        assert tls["cert_reqs"].name == "CERT_REQUIRED"
        assert tls["server_hostname"] == "mq.example.com"
        assert redis_urls.broker_tls("amqp://mq.example.com//") is None
