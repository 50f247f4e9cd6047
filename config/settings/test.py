"""Tests: the real database, cache and broker, with cheap password hashing and checked events."""

from cryptography.fernet import Fernet

from config import env
from config.embedded.keys import new_token_key

env.provide(
    SECRET_KEY="tests-only-" + "k" * 50,
    FIELD_KEYS=Fernet.generate_key().decode(),
    JWT_PRIVATE_KEY=new_token_key(),
)

from config.settings.base import *

ALLOWED_HOSTS = ["*"]
SANDBOX_GATEWAY_ENABLED = True
EVENTS_CHECK_DATA = True
# No worker listens to most tests; those about the relay run real processes.
EVENTS_PUBLISH_NUDGES = False
# The real hasher takes a second by design; its own test asks for it by name.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
USED_PASSWORD_COST = {"iterations": 1, "lanes": 1, "memory_cost": 8}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
INBOX_ENABLED = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Nothing is collected for tests: static files are found where they lie.
WHITENOISE_AUTOREFRESH = True
