"""Development and trying out: what `bin/run` uses."""

from config import env
from config.settings.base import *

DEBUG = True
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "*")
SANDBOX_GATEWAY_ENABLED = True
EVENTS_CHECK_DATA = True
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "inbox"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
