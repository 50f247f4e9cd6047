"""Settings of the measured processes: production's ways, limits too high to be reached."""

from bench.settings_names import REDIS_PREFIX
from config.settings.base import *

ALLOWED_HOSTS = ["127.0.0.1", "testserver"]
ENVIRONMENT = "bench"
SANDBOX_GATEWAY_ENABLED = True
# Counted as ever; only the number is out of reach.
RATE_LIMITS = dict.fromkeys(RATE_LIMITS, 1_000_000_000)
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
# Files are served by a server in front; their folder need not be collected for this.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# A Redis that others use too: nothing of theirs is read, emptied or woken.
CACHES["default"]["KEY_PREFIX"] = REDIS_PREFIX
SOCKETS_REDIS_CHANNEL = f"{REDIS_PREFIX}:{SOCKETS_REDIS_CHANNEL}"
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": f"{REDIS_PREFIX}:"}
CELERY_PUBLISH_TRANSPORT_OPTIONS |= {"global_keyprefix": f"{REDIS_PREFIX}:"}  # type: ignore[dict-item]  # kombu takes any option
STATIC_ROOT = VAR_DIR
