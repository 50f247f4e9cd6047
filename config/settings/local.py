"""Development and trying out: what `bin/run` uses."""

from config import env
from config.settings.base import *

DEBUG = True
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "*")
SANDBOX_GATEWAY_ENABLED = True
EVENTS_CHECK_DATA = True
INBOX_ENABLED = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
