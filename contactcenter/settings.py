"""All settings. The environment is read here and nowhere else; our own knobs stand last, each with its why."""

from pathlib import Path

import dj_database_url
import dj_email_url
from csp.constants import NONE, SELF
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from environs import Env

from contactcenter import colours, embedded, secret

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))

# ── who may talk to us ─────────────────────────────────────────────────────────────────────────────────────
DEBUG = env.bool("DEBUG", False)
HTTPS = env.bool("HTTPS", False)  # what makes a desk a production one
SECRET_KEY = secret.signing_key(VAR_DIR / "secret_key", production=HTTPS)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
# How many proxies of ours add to X-Forwarded-For: limits on guessing count for whoever stands before the first.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", 1 if HTTPS else 0)

# ── the house ──────────────────────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "contactcenter",
    "agents",
    "customers",
    "loyalty",
    "tickets",
    "goodwill",
    "callbacks",
    "desk",
    "unfold.apps.BasicAppConfig",  # the site is agents.site_admin
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_cotton.apps.SimpleAppConfig",  # its own way would overwrite the loaders below
    "django_htmx",
    "import_export",
    "pgtrigger",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
]
MIDDLEWARE = [
    "contactcenter.health.answer_probes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "contactcenter.middleware.admin_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "contactcenter.middleware.wake_streams",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "contactcenter.middleware.parts_apart_from_pages",
    "contactcenter.middleware.agents_own_time_and_language",
    "contactcenter.middleware.RefusalMiddleware",
]
ROOT_URLCONF = "contactcenter.urls"
WSGI_APPLICATION = "contactcenter.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            # As without a list, but that components (<c-…>) are read first; what was read once is kept.
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "contactcenter.template_loading.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "desk.templatetags.icons"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# ── what it stands on ──────────────────────────────────────────────────────────────────────────────────────
DATABASE_URL, REDIS_URL = embedded.urls()
# "transaction": PgBouncer stands between and hands each transaction another session.
DATABASE_POOLER = env.str("DATABASE_POOLER", "")
DATABASES = {
    "default": dj_database_url.parse(
        DATABASE_URL,
        conn_max_age=60,
        conn_health_checks=True,
        disable_server_side_cursors=DATABASE_POOLER == "transaction",
    )
}
# A database machine that is off answers nothing: a page says so after these seconds, not after minutes.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 3)
# The ledger's trigger at commit asks this first; what it costs stands in docs/ledger.md.
LEDGER_CHECK = env.bool("LEDGER_CHECK", True)
if not LEDGER_CHECK:
    DATABASES["default"]["OPTIONS"]["options"] = "-c loyalty.check=off"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The cache counts failed sign-ins: in the database, so that a stopped Redis does not open the door to guessing.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "contactcenter_cache"},
    # How often a token came: counted by each process for itself, so that a request of the API costs no write.
    "throttle": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "throttle"},
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = (
    None  # worker and beat wait for a Redis that is gone, however long it is
)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 0.2,
    "socket_timeout": 5,
    # With Celery's own patience each reply waited six seconds for a Redis that is gone; contactcenter.live sets a
    # shorter socket_timeout for nudges.
    "connect_retries_timeout": 0.2,
    "interval_start": 0,
    "interval_step": 0.1,
}
CELERY_TASK_ACKS_LATE = True  # every task may be repeated: the row it works on is the job
CELERY_WORKER_PREFETCH_MULTIPLIER = 1

# ── people ─────────────────────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "agents.Agent"
AUTHENTICATION_BACKENDS = ["agents.backend.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:home"
ACCOUNT_ADAPTER = "agents.adapter.StaffOnly"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Loyalty Desk: "
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,5/5m/key"}

# ── words, places, files ───────────────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
FORMAT_MODULE_PATH = ["contactcenter.formats"]  # 24 hours, days before months
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "tables"]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(VAR_DIR / "static")))
MEDIA_ROOT = VAR_DIR / "media"
# Names with a digest once `collectstatic` has run; before that the files as they stand: `runserver` works at once.
COLLECTED = not DEBUG and (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_USE_FINDERS = not COLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20

# ── mail out: files under var/mail unless a server is named (smtp+tls://user:password@host:587) ────────────
EMAIL_URL = secret.given("EMAIL_URL")
if EMAIL_URL:
    vars().update(dj_email_url.parse(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Loyalty Desk <desk@localhost>")

# ── what a page may load ───────────────────────────────────────────────────────────────────────────────────
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    },
}

# ── the API: agents/api holds what every room's api.py stands on, contactcenter/api the addresses and errors ──
KNOX_TOKEN_MODEL = "agents.Token"  # noqa: S105  the name of a table
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_TTL": None}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["agents.api.doors.TokenDoor", "agents.api.doors.SessionDoor"],
    "DEFAULT_PERMISSION_CLASSES": ["agents.api.doors.MayUse"],
    "DEFAULT_THROTTLE_CLASSES": ["agents.api.doors.Throttle"],
    "DEFAULT_PARSER_CLASSES": ["agents.api.reading.Json"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "agents.api.reading.AlwaysJson",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "agents.api.listing.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "contactcenter.api.schema.Schema",
    "EXCEPTION_HANDLER": "contactcenter.api.problems.problem_of",
    "UNICODE_JSON": False,  # as \u escapes: an error may quote half a character, which no encoding can write
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Loyalty Desk",
    "DESCRIPTION": "Customers with their points, orders, tickets, goodwill and callbacks.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "AddressKind": "customers.contact.Kind",
        "AccountStatus": "loyalty.models.Account.Status",
        "CallbackChannel": "callbacks.models.Callback.Channel",
        "CallbackKind": "callbacks.models.Callback.Kind",
        "CallbackState": "callbacks.models.Callback.State",
        "Channel": "tickets.models.Channel",
        "GrantState": "goodwill.models.Request.State",
        "MessageKind": "tickets.models.Message.Kind",
        "MessageState": "tickets.models.Message.State",
        "ChecklistKind": "tickets.models.reasons.ChecklistItem.Kind",
        "FieldKind": "tickets.models.TicketField.Kind",
        "PresenceKind": "agents.presence.models.Kind",
        "ShopTaskKind": "tickets.models.ShopTask.Kind",
        "ShopTaskState": "tickets.models.ShopTask.State",
        "OrderStatus": "customers.models.Order.Status",
        "TicketPriority": "tickets.models.Ticket.Priority",
        "TicketStatus": "tickets.models.Ticket.Status",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "contactcenter.api.schema.with_problems",
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "filters": {"outage": {"()": "contactcenter.outage.OneLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["outage"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "httpx2": {"level": "WARNING"},  # it would tell every question, and whom it asked
    },
}

UNFOLD = {
    "SITE_TITLE": "Loyalty Desk",
    "SITE_HEADER": "Loyalty Desk",
    "SITE_SYMBOL": "loyalty",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("desk/favicon.svg")}
    ],
    "BORDER_RADIUS": "6px",
    "SIDEBAR": {"navigation": "agents.brand_admin.sidebar"},
    "STYLES": [lambda _request: static("desk/start.css")],
    "DASHBOARD_CALLBACK": "contactcenter.start_page.start_page",
    "COLORS": colours.UNFOLD,
}

# ── our own knobs ──────────────────────────────────────────────────────────────────────────────────────────
# Where customers and others reach us: what links in letters begin with.
PUBLIC_URL = env.str("PUBLIC_URL", "") or (
    f"https://{ALLOWED_HOSTS[0]}" if HTTPS else f"http://localhost:{env.str('PORT', '8000')}"
)
ACKNOWLEDGED_A_DAY = env.int("ACKNOWLEDGED_A_DAY", 1)  # automatic first answers to one sender within 24 hours
ACKNOWLEDGED_A_MINUTE = env.int("ACKNOWLEDGED_A_MINUTE", 60)  # of one brand: a flood is answered by nobody
MAIL_MAX_BYTES = env.int("MAIL_MAX_BYTES", 50 * 2**20)  # larger mails are quarantined with a clear reason
MAIL_SEND_LEASE_SECONDS = 600  # a send claimed longer ago than this died with its worker and is taken again
UNDO_SEND_SECONDS = env.int("UNDO_SEND_SECONDS", 10)  # in which a reply can be taken back; 0: it goes at once
MAIL_MAX_ATTEMPTS = 8  # then the message shows as failed, for an agent to see
DEMO = env.bool("DEMO", False)  # set by `make demo`: /demo/customer/ is there, where the demo is loaded
LIVE_MAX_STREAMS = env.int("LIVE_MAX_STREAMS", 1000)  # for each process; whoever comes after is asked to wait
LIVE_HEARTBEAT_SECONDS = env.float("LIVE_HEARTBEAT_SECONDS", 15)  # shorter than what proxies take for silence
LIVE_SESSION_SECONDS = env.float(
    "LIVE_SESSION_SECONDS", 30
)  # a stream outlives its session by no more than this
LIVE_LOOK_SECONDS = env.float("LIVE_LOOK_SECONDS", 1)  # without a word from Redis the stream looks so often
API_RATE = env.str("API_RATE", "600/min")  # requests of one token, counted in each process for itself
VOUCHER_RATE = env.str(
    "VOUCHER_RATE", "60/min"
)  # codes one token may try, counted in each process for itself
# How often one place may knock at the pages that signed links open, counted in each process for itself.
LINK_RATE = env.str("LINK_RATE", "60/min")
# So many calls one place may ask for on the request pages, counted in each process for itself.
REQUEST_RATE = env.str("REQUEST_RATE", "10/hour")
API_MAX_BYTES = env.int("API_MAX_BYTES", 2**20)  # of a request's body
# Diallers; a brand chooses one. What Kamailio answers JSON-RPC under, and what stands behind the @ of its lines.
SIP_RPC, SIP_DOMAIN = env.str("SIP_RPC", ""), env.str("SIP_DOMAIN", "")
# A telephone service with Twilio's interface: its address, our account there, the number customers see.
VOICE_REST, VOICE_REST_ACCOUNT = env.str("VOICE_REST", ""), env.str("VOICE_REST_ACCOUNT", "")
VOICE_REST_TOKEN, VOICE_FROM = secret.given("VOICE_REST_TOKEN"), env.str("VOICE_FROM", "")
API_ANSWERS_LIVE_HOURS = 48  # so long at least a repeat under its Idempotency-Key is told the first answer
