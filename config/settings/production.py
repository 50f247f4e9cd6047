"""Production: everything secret must be given, and everything travels encrypted."""

from config import env, hardening
from config.settings.base import *

DEBUG = False
HEADLESS_JWT_PRIVATE_KEY = env.text("JWT_PRIVATE_KEY").replace("\\n", "\n")
ENVIRONMENT = env.text("ENVIRONMENT", "production")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^health"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"

hardening.refuse_unsafe(
    secret_key=SECRET_KEY,
    field_keys=FIELD_KEYS,
    is_debug=DEBUG,
    hosts=ALLOWED_HOSTS,
    database=DATABASES["default"],
    addresses={"REDIS_URL": REDIS_URL, "CELERY_BROKER_URL": CELERY_BROKER_URL},
    trusts_network=env.flag("TRUST_PRIVATE_NETWORK", default=False),
)
