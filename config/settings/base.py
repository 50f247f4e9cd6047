"""Settings every environment shares. Assignments only; the environment is read by config.env."""

from pathlib import Path

import django_stubs_ext
from celery.schedules import schedule

from config import email_urls, env, redis_urls, sign_in_urls
from config.settings.admin import UNFOLD  # noqa: F401  a setting
from config.settings.api_text import API_DESCRIPTION

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(env.text("FRONTDESK_VAR", str(BASE_DIR / "var")))

DEBUG = False
SECRET_KEY = env.text("SECRET_KEY")
FIELD_KEYS = env.items("FIELD_KEYS")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS")
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000")
REALTIME_URL = env.text("REALTIME_URL", SITE_URL.replace("http", "ws", 1))
TRUSTED_PROXIES = env.items("TRUSTED_PROXIES")
CSRF_TRUSTED_ORIGINS = env.items("CSRF_TRUSTED_ORIGINS")
PROCESS_TYPE = env.choice("PROCESS_TYPE", ("web", "realtime", "worker", "beat", "release"), "web")
RELEASE = env.text("RELEASE", "development")
ENVIRONMENT = env.text("ENVIRONMENT", "development")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "operations.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "csp",
    "channels",
    "django_celery_beat",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.discord",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.github",
    "django_otp",
    "common",
    "events",
    "accounts",
    "webhooks",
    "notifications",
    "payments",
    "bookings",
    "leads",
    "operations.apps.OperationsConfig",
]

MIDDLEWARE = [
    "common.middleware.RequestContextMiddleware",
    # Before everything it may spare; an answer it keeps has passed all of the rest.
    "common.kept_answers.KeptAnswersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "common.middleware.ProviderDoorMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "accounts.middleware.RefusalMiddleware",
    "common.throttling.SignInThrottleMiddleware",
    "common.middleware.BusyMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.devices.middleware.DeviceMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "common.middleware.ContentPolicyMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

# Addresses that only programs of providers call; see the middleware of that name.
PROVIDER_DOORS = ("/api/webhooks/", "/webhooks/")

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
            ],
        },
    },
]

# Database. Web threads keep their connection; sockets use a pool; workers open per task, because
# a forked child must not share its parent's sockets.
DATABASES = {"default": env.database("DATABASE_URL")}
# A statement met for the sixth time on a connection is planned once and for all: planning a list
# with its joins takes several times as long as reading it.
DATABASES["default"]["OPTIONS"] |= {
    "server_side_binding": True,
    "prepare_threshold": env.integer("DATABASE_PREPARE_AFTER", 5) or None,
}
if PROCESS_TYPE == "realtime":
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 5}
elif PROCESS_TYPE == "web":
    DATABASES["default"]["CONN_MAX_AGE"] = (
        None
        if env.integer("DATABASE_CONN_MAX_AGE", -1) < 0
        else env.integer("DATABASE_CONN_MAX_AGE")
    )
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
elif PROCESS_TYPE == "release":
    # The role carries a statement time limit, which a long schema change may outlast.
    DATABASES["default"]["OPTIONS"]["options"] = "-c statement_timeout=0"

# Redis: database n is the broker's, n+1 the cache's, n+2 the sockets'.
REDIS_URL = env.text("REDIS_URL")
_REDIS_DB = redis_urls.database_number(REDIS_URL)
CACHES = {
    "default": {
        "BACKEND": "common.cache.ForgivingRedisCache",
        "LOCATION": redis_urls.with_database(REDIS_URL, _REDIS_DB + 1),
        "OPTIONS": {"socket_timeout": 0.3, "socket_connect_timeout": 0.2},
        "KEY_PREFIX": "fd",
    }
}
SOCKETS_REDIS_URL = redis_urls.with_database(REDIS_URL, _REDIS_DB + 2)
# Redis's channels know no database numbers; two installations on one server must not hear each
# other.
SOCKETS_REDIS_CHANNEL = f"fd:{_REDIS_DB + 2}:rooms"
SOCKET_RECHECK_SECONDS = 60
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [{"address": SOCKETS_REDIS_URL}], "prefix": "fd"},
    }
}

# Celery carries nudges only; every unit of work is a database row.
CELERY_BROKER_URL = redis_urls.as_broker(env.text("CELERY_BROKER_URL", REDIS_URL))
CELERY_BROKER_USE_SSL = redis_urls.broker_tls(CELERY_BROKER_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Nobody steers workers through the broker, and the queue for it is exclusive by worker name: after
# a crash the next worker of that name could not start until the broker missed the old one.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "payments.reconcile": {
        "task": "payments.reconcile",
        "schedule": schedule(600),
        "options": {"expires": 600},
    },
    "events.sweep": {"task": "events.sweep", "schedule": schedule(10), "options": {"expires": 10}},
    "common.prune_idempotency": {
        "task": "common.prune_idempotency",
        "schedule": schedule(3600),
        "options": {"expires": 3600},
    },
    "accounts.seal_audit_days": {
        "task": "accounts.seal_audit_days",
        "schedule": schedule(1800),
        "options": {"expires": 1800},
    },
    "accounts.prune_records": {
        "task": "accounts.prune_records",
        "schedule": schedule(3600),
        "options": {"expires": 3600},
    },
    "accounts.prune_devices": {
        "task": "accounts.prune_devices",
        "schedule": schedule(3600),
        "options": {"expires": 3600},
    },
    "events.prune": {
        "task": "events.prune",
        "schedule": schedule(3600),
        "options": {"expires": 3600},
    },
}
# A publisher must give up quickly on a broker that is gone or frozen. Workers keep normal limits.
# kombu's channel retries by itself, which retry=False does not reach: only these options do.
CELERY_PUBLISH_TRANSPORT_OPTIONS = (
    {
        "max_retries": 0,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
        "connect_retries_timeout": 0.1,
        "socket_timeout": 0.2,
        "socket_connect_timeout": 0.1,
        "retry_on_timeout": False,
    }
    if CELERY_BROKER_URL.startswith("redis")
    else {
        "max_retries": 0,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
        "connect_timeout": 0.1,
        "read_timeout": 0.2,
        "write_timeout": 0.2,
        "confirm_publish": True,
    }
)

# Events and work
EVENTS_CHECK_DATA = False
EVENTS_PUBLISH_NUDGES = True
EVENTS_KEEP_DAYS = 400
WORK_KEEP_DAYS = 7
WORK_LEASE_SECONDS = {"critical": 60, "default": 60, "bulk": 300}

# Bookings and payments
BOOKING_HOLD_MINUTES = 15
BOOKING_HOLD_LONGEST_MINUTES = 60
BOOKING_REQUEST_HOURS = 24
BOOKING_FREE_CANCEL_HOURS = 24
STRIPE_API_BASE = env.text("STRIPE_API_BASE", "https://api.stripe.com")
SANDBOX_GATEWAY_ENABLED = False
WEBHOOK_MAX_BYTES = 1_000_000
# Notices a minute that fail verification before the answer is 429; proven ones are never limited.
WEBHOOK_FAILURES_PER_ADDRESS = 100
WEBHOOK_FAILURES_PER_GATEWAY = 50

# People
AUTH_USER_MODEL = "accounts.User"
# The address is unique in any case of letters, by a constraint the check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["accounts.backends.AccountBackend"]
PASSWORD_HASHERS = ["accounts.hashers.BCryptSHA256Rounds14PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.validators.UsedPasswordValidator"},
]
PASSWORD_BREACH_API = env.text("PASSWORD_BREACH_API", "")
if PASSWORD_BREACH_API:
    AUTH_PASSWORD_VALIDATORS.append({"NAME": "accounts.validators.BreachedPasswordValidator"})
# Argon2id's cost of the marks by which used passwords are known again: about 0.2 s.
USED_PASSWORD_COST = {"iterations": 3, "lanes": 1, "memory_cost": 64 * 1024}
# Failed sign-ins an account (typed address) and a network may have in that many seconds.
SIGN_IN_FAILURES = {"account": 10, "network": 50}
SIGN_IN_FAILURE_SECONDS = 30 * 60
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
# Only in the browser that signed up, while its session lasts.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Codes of the second factor an account may get wrong. Passwords are counted by accounts.sign_in,
# posts by THROTTLED_VIEWS, which counts none that found the server busy.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/30m/key", "login": None}
ACCOUNT_FORMS = {"login": "accounts.devices.forms.SignInForm"}
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Whoever changes how an account is signed in to has proven who they are within five minutes.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"add_webauthn": "accounts.passkeys.AddPasskeyForm"}
MFA_TOTP_ISSUER = "Frontdesk"
# A phone's clock may be a step off (RFC 6238, 5.2).
MFA_TOTP_TOLERANCE = 1
# Accounts elsewhere that open one here. An address proven there finds one, but never opens it.
SOCIALACCOUNT_ADAPTER = "accounts.social.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
DISCORD_API_BASE = env.text("DISCORD_API_BASE", "https://discord.com/api/v10")
SIGN_IN_ADDRESSES = {
    "discord": sign_in_urls.discord(DISCORD_API_BASE),
    "google": sign_in_urls.google(env.text("GOOGLE_BASE", "")),
    "github": sign_in_urls.github(env.text("GITHUB_BASE", "")),
}
_CLIENTS = {
    "discord": (env.text("DISCORD_CLIENT_ID", ""), env.text("DISCORD_CLIENT_SECRET", "")),
    "google": (env.text("GOOGLE_CLIENT_ID", ""), env.text("GOOGLE_CLIENT_SECRET", "")),
    "github": (env.text("GITHUB_CLIENT_ID", ""), env.text("GITHUB_CLIENT_SECRET", "")),
}
SOCIALACCOUNT_PROVIDERS = {
    name: {
        "APPS": [{"client_id": client, "secret": secret}] if client and secret else [],
        "OAUTH_PKCE_ENABLED": True,
    }
    for name, (client, secret) in _CLIENTS.items()
}
# Seconds for which a process keeps a key it has read, so the longest time a revoked key lives on.
API_KEY_CACHE_SECONDS = 3
LOGIN_URL = "account_login"
GEOIP_DATABASE = env.text("GEOIP_DATABASE", "")
LOGIN_REDIRECT_URL = "/account/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
HEADLESS_ONLY = False
# Apps sign in at /api/auth/app/v1/. Pages use the site's own forms.
HEADLESS_CLIENTS = ("app",)
HEADLESS_ADAPTER = "accounts.devices.adapter.HeadlessAdapter"
HEADLESS_TOKEN_STRATEGY = "accounts.devices.strategy.DeviceTokenStrategy"  # noqa: S105  a class
HEADLESS_JWT_PRIVATE_KEY = env.text("JWT_PRIVATE_KEY", "").replace("\\n", "\n")
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 300
# The life of a session that is to be remembered, and of an app that does not refresh.
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = ACCOUNT_SESSION_COOKIE_AGE = 30 * 24 * 3600

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = "frontdesk_session"
SESSION_COOKIE_AGE = 7 * 24 * 3600
# A member of staff who opens the admin after this long without opening a page signs in again.
ADMIN_IDLE_SECONDS = 30 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "frontdesk_csrf"
CSRF_COOKIE_SAMESITE = "Lax"

# Records: days that security entries and the personal part of audit entries are kept, and who
# gets each day's seal of the audit log.
LOG_KEEP_DAYS = 90
OPERATOR_EMAILS = env.items("OPERATOR_EMAILS")
# One small file for each erasure: a restored database has forgotten the later ones.
ERASURE_RECORDS = env.text("ERASURE_RECORDS", str(VAR_DIR / "erasures"))

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("vi", "Tiếng Việt")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# Files
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Mail
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Frontdesk <frontdesk@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10
_MAIL = email_urls.mail_settings(env.text("EMAIL_URL", ""), VAR_DIR / "inbox")
EMAIL_BACKEND = _MAIL["backend"]
EMAIL_FILE_PATH = _MAIL.get("file_path", VAR_DIR / "inbox")
EMAIL_HOST = _MAIL.get("host", "localhost")
EMAIL_PORT = _MAIL.get("port", 25)
EMAIL_HOST_USER = _MAIL.get("user", "")
EMAIL_HOST_PASSWORD = _MAIL.get("password", "")
EMAIL_USE_TLS = _MAIL.get("use_tls", False)
EMAIL_USE_SSL = _MAIL.get("use_ssl", False)
ANYMAIL = _MAIL.get("anymail", {})
INBOX_ENABLED = False

# Browser rules
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
_REALTIME_SOURCES = sorted({REALTIME_URL, REALTIME_URL.replace("127.0.0.1", "localhost")})
_SELF = "'self'"
# A form that leads on to a provider's page needs that page's origin beside this site's.
_SIGN_IN_ORIGINS = sorted(
    sign_in_urls.origin(SIGN_IN_ADDRESSES[name]["authorize_url"])
    for name, (client, _secret) in _CLIENTS.items()
    if client
)
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": [],
    "DIRECTIVES": {
        "default-src": [_SELF],
        "script-src": [_SELF, "https://js.stripe.com"],
        "style-src": [_SELF],
        "img-src": [_SELF, "data:"],
        "connect-src": [_SELF, *_REALTIME_SOURCES, "https://api.stripe.com"],
        "frame-src": ["https://js.stripe.com", "https://hooks.stripe.com"],
        "frame-ancestors": ["'none'"],
        "form-action": [_SELF, *_SIGN_IN_ORIGINS],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    },
}

# Rate limits: requests a minute by category. Strict ones hold, per process, without Redis too.
RATE_LIMITS = {
    "authentication": env.integer("RATE_LIMIT_AUTHENTICATION", 5),
    "payments": env.integer("RATE_LIMIT_PAYMENTS", 20),
    "general": env.integer("RATE_LIMIT_GENERAL", 60),
    "uploads": env.integer("RATE_LIMIT_UPLOADS", 10),
}
STRICT_RATE_LIMITS = frozenset({"authentication"})
THROTTLED_VIEWS = {
    "admin:login": "authentication",
    "account_login": "authentication",
    "account_signup": "authentication",
    "account_reauthenticate": "authentication",
    "account_reset_password": "authentication",
    "account_reset_password_from_key": "authentication",
    "account_change_password": "authentication",
    "account_set_password": "authentication",
    "account_confirm_login_code": "authentication",
    "mfa_authenticate": "authentication",
    "headless:app:account:login": "authentication",
    "headless:app:account:signup": "authentication",
    "headless:app:account:reauthenticate": "authentication",
    "headless:app:account:request_password_reset": "authentication",
    "headless:app:account:reset_password": "authentication",
    "headless:app:mfa:authenticate": "authentication",
    "headless:app:mfa:reauthenticate": "authentication",
    "headless:app:mfa:authenticate_webauthn": "authentication",
    "headless:app:mfa:login_webauthn": "authentication",
    "headless:app:mfa:reauthenticate_webauthn": "authentication",
    "headless:app:account:change_password": "authentication",
    "headless:app:socialaccount:provider_token": "authentication",
    "headless:app:socialaccount:provider_signup": "authentication",
    "headless:app:tokens:refresh": "general",
    "mfa_reauthenticate": "authentication",
    "mfa_login_webauthn": "authentication",
    "mfa_reauthenticate_webauthn": "authentication",
    "booking_details": "general",
    "invitation": "general",
    "manage_invite": "general",
    "booking_messages": "general",
    "booking_pay": "payments",
}
IDEMPOTENCY_KEEP_HOURS = 48

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.BearerAuthentication",
        "common.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["common.json_format.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.json_format.JsonParser"],
    "DEFAULT_SCHEMA_CLASS": "common.openapi.ApiSchema",
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "common.api.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Frontdesk API",
    "DESCRIPTION": API_DESCRIPTION,
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [],
    "COMPONENT_SPLIT_PATCH": False,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": "frontdesk_session",
                "description": "Sign in on the site. Unsafe requests also carry X-CSRFToken.",
            },
            "accessToken": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "Of an app whose user has signed in; lives five minutes.",
            },
            "apiKey": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "fd_live_… or fd_test_…",
                "description": "A business's key for its own programs, made on the page *API keys* "
                "of its desk. It opens what its scopes name, in that business alone, and is "
                "accepted in this header only. A test key reads what a live one reads, but starts "
                "and refunds payments at test accounts of gateways only.",
            },
        }
    },
}
CORS_ALLOWED_ORIGINS = env.items("CORS_ALLOWED_ORIGINS")
CORS_URLS_REGEX = r"^/api/.*$"
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "x-booking-token",
    "x-client-id",
    "x-csrftoken",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = [
    "ETag",
    "Idempotent-Replayed",
    "RateLimit",
    "RateLimit-Limit",
    "RateLimit-Policy",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "X-Request-ID",
]

# Logs
LOG_FORMAT = env.choice("LOG_FORMAT", ("json", "text"), "json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "common.logging.JsonFormatter"},
        "text": {"()": "common.logging.TextFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},
    },
}
SENTRY_DSN = env.text("SENTRY_DSN", "")
SENTRY_TRACES_SAMPLE_RATE = env.share("SENTRY_TRACES_SAMPLE_RATE", 0.0)
