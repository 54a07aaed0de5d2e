"""Settings, read from the environment; a bad or missing value stops the program with the name of the variable.

CONSILIUM_MODE says what this installation is:
- ``demonstration``: embedded services unless addresses are given, the printed password, no second factor, a banner;
- ``test``: as the demonstration, for the test suite;
- ``production``: every address and secret comes from the environment, and nothing is assumed.
It defaults to production as soon as DATABASE_URL is set, so that a forgotten variable never opens a real database.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.schedules import crontab
from csp.constants import NONE, SELF

from portal.environment import LEVELS, Environment
from portal.secret import stored_secret

ROOT = Path(__file__).resolve().parent.parent
env = Environment()

MODES = ("demonstration", "test", "production")
MODE = env.one_of(
    "CONSILIUM_MODE",
    default="production" if "DATABASE_URL" in os.environ else "demonstration",
    choices=MODES,
)
PRODUCTION = MODE == "production"
DEMONSTRATION = MODE == "demonstration"
TESTING = MODE == "test"
STATE_DIR = Path(env.str("STATE_DIR", default=str(ROOT / "var"))).resolve()
STATE_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY") if PRODUCTION else stored_secret(STATE_DIR / "secret-key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
_LOCAL = f"http://127.0.0.1:{env.number('PORT', default=8000)}"
SITE_URL = env.web_address("SITE_URL", default=None if PRODUCTION else _LOCAL)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS") if PRODUCTION else ["127.0.0.1", "localhost", "testserver", "[::1]"]
if not PRODUCTION:
    ALLOWED_HOSTS += env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- services -----------------------------------------------------------------------------------------------------
# Embedded servers are started only for what has no address of its own.
if not PRODUCTION and not ({"DATABASE_URL", "CELERY_BROKER_URL"} <= os.environ.keys()):
    from portal.embedded import attach

    _embedded = attach(STATE_DIR, durable=not TESTING)
    os.environ.setdefault("DATABASE_URL", _embedded.database_url)
    os.environ.setdefault("DATABASE_OWNER_URL", _embedded.database_owner_url)
    os.environ.setdefault("CELERY_BROKER_URL", _embedded.broker_url)


def _database(variable: str) -> dict[str, Any]:
    """The Django database for an address; both roles share every option but the credentials."""
    found = env.postgresql(variable)
    # A database that does not answer must not hold a request for the minutes that TCP would wait.
    found["OPTIONS"] = {"connect_timeout": 5, "tcp_user_timeout": 15_000} | found.get("OPTIONS", {})
    if env.yes_or_no("PREPARED_STATEMENTS", default=True):
        found["OPTIONS"]["prepare_threshold"] = 0  # for portal.common.planned; Django's own cursors never prepare
    return found | {
        "CONN_MAX_AGE": env.number("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
    }


# "default" is the application's role, which owns nothing and is bound by row-level security.
# "owner" owns the schema; only `migrate` uses it.
DATABASES = {"default": _database("DATABASE_URL")}
if "DATABASE_OWNER_URL" in os.environ:
    DATABASES["owner"] = _database("DATABASE_OWNER_URL") | {"CONN_MAX_AGE": 0, "TEST": {"MIRROR": None}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_TASK_DEFAULT_QUEUE = env.str("CELERY_QUEUE", default="consilium")
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A killed worker's message comes back after the visibility timeout, which must exceed the longest task.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 360,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        # A request that gives a hint must not wait for a broker that is away.
        "socket_connect_timeout": 1,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.1,
    }
    if CELERY_BROKER_URL.startswith("redis")
    else {}
)
# Beat is only a tick: every due moment is a row in PostgreSQL, so a lost or doubled tick changes nothing.
# A mark is recorded at most so long after it was due, and a sweep that finds nothing is two small queries.
SWEEP_SECONDS = env.number("SWEEP_SECONDS", default=3, least=1)
# Workers judge by their own clock whether a tick is too old: it lives longer than two hosts differ that are each a day
# wrong.
_TICK = {"expires": 49 * 3600}
CELERY_BEAT_SCHEDULER = "portal.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    "sweep the clocks": {"task": "consults.tasks.sweep_clock", "schedule": float(SWEEP_SECONDS), "options": _TICK},
    "route what waits": {"task": "consults.tasks.route", "schedule": 60.0, "options": _TICK},
    "send mail": {"task": "portal.common.tasks.send_outbox", "schedule": 15.0, "options": _TICK},
    "verify the clocks": {"task": "consults.tasks.verify_clocks", "schedule": crontab(minute=41, hour=3)},
    "count for the scoreboard": {"task": "consults.tasks.count_outcomes", "schedule": crontab(minute=51, hour=2)},
    "meter what is used": {"task": "consults.tasks.meter_usage", "schedule": crontab(minute=13, hour=3)},
    "bill": {"task": "portal.fees.tasks.bill", "schedule": crontab(minute=23)},
    "look at standings": {"task": "portal.fees.tasks.review_standing", "schedule": crontab(minute=33)},
    "verify the books": {"task": "portal.fees.tasks.verify_books", "schedule": crontab(minute=46, hour=3)},
    "read the bank's files": {"task": "portal.fees.tasks_bank.read_bank_files", "schedule": 60.0, "options": _TICK},
    "book the bank's lines": {"task": "portal.fees.tasks_bank.book_bank_lines", "schedule": 60.0, "options": _TICK},
    "book what the provider said": {
        "task": "portal.fees.tasks_bank.book_provider_events",
        "schedule": 600.0,
        "options": _TICK,
    },
    "remind of invoices": {"task": "portal.fees.tasks_bank.send_reminders", "schedule": crontab(minute=43)},
    "renewals": {"task": "portal.fees.tasks.remind_of_renewals", "schedule": crontab(minute=53)},
    "publish on time": {"task": "knowledge.tasks.publish_scheduled", "schedule": 60.0, "options": _TICK},
    "what falls due": {"task": "knowledge.tasks.check_freshness", "schedule": crontab(minute=10, hour=6)},
    "remind reviewers": {"task": "knowledge.tasks.remind_reviewers", "schedule": crontab(minute=7)},
    "weekly digests": {"task": "knowledge.tasks.send_digests", "schedule": 600.0, "options": _TICK},
    "forget searches": {"task": "knowledge.tasks.forget_searches", "schedule": crontab(minute=27, hour=3)},
    "learn from routing": {"task": "consults.tasks.learn_routing", "schedule": crontab(minute=41, hour=2)},
    "forget drafts": {"task": "consults.tasks.forget_drafts", "schedule": crontab(minute=23, hour=3)},
    "draw peer reviews": {"task": "consults.tasks.draw_reviews", "schedule": crontab(minute=23, hour=4)},
    "seal the audit trail": {"task": "portal.common.tasks.seal_audit", "schedule": 15.0, "options": _TICK},
    "files asked for": {"task": "portal.common.tasks.make_exports", "schedule": 60.0, "options": _TICK},
    "lists of people to invite": {"task": "portal.members.tasks.work_on_rosters", "schedule": 60.0, "options": _TICK},
    "verify the audit trail": {"task": "portal.members.tasks.verify_audit", "schedule": crontab(minute=5, hour=4)},
    "tidy": {"task": "portal.common.tasks.tidy", "schedule": crontab(minute=17, hour=3)},
}

# --- mail ---------------------------------------------------------------------------------------------------------
if PRODUCTION or "EMAIL_URL" in os.environ:
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(STATE_DIR / "mail")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Consilium <no-reply@network.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- applications -------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "portal.common",
    "portal.members",
    "portal.fees",
    "knowledge",
    "consults",
    "portal.overview",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "allauth.usersessions",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "portal.common.middleware.EvenMiddleware",
    "portal.common.middleware.NoStoreMiddleware",
    "portal.common.middleware.CircumstancesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.common.middleware.ReadableMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.members.middleware.SessionLimitsMiddleware",
    "portal.members.middleware.DoorsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.members.middleware.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.members.standing.StandInMiddleware",
    "portal.members.middleware.TimeZoneMiddleware",
    "portal.common.rest.RequestsMiddleware",
    "portal.members.middleware.TenancyMiddleware",
    "portal.common.middleware.ExportsMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.members.context.frame",
                "knowledge.context.noted",
            ],
            "builtins": ["portal.common.templatetags.words"],
        },
    },
]

# --- languages, time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
# Whose clock says what time it is (portal.common.present); "host" is for tests, which stop it.
CLOCK = "database"
USE_TZ = True
USE_I18N = False

# --- files --------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {
        "BACKEND": "portal.common.storage.WholeFiles",
        "OPTIONS": {"location": str(STATE_DIR / "files"), "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING
# Each test's client makes the middleware anew, which without this reads every static file first.
WHITENOISE_AUTOREFRESH = TESTING
# The engine of one machine, or of many hosts with an index each; or the database's own full text, with none.
SEARCH_ENGINE = env.one_of("SEARCH_ENGINE", default="whoosh", choices=("whoosh", "postgresql"))
# Each host's own: several hosts that share STATE_DIR give each a folder on its local disk.
SEARCH_INDEX_DIR = Path(env.str("SEARCH_INDEX_DIR", default=str(STATE_DIR / "index"))).resolve()
# Who searched is forgotten after so many days, and what was searched for after so many.
SEARCH_LOG_DAYS = env.number("SEARCH_LOG_DAYS", default=30)
SEARCH_LOG_KEEP_DAYS = env.number("SEARCH_LOG_KEEP_DAYS", default=max(400, SEARCH_LOG_DAYS), least=SEARCH_LOG_DAYS)
# So many months after an answer whoever gave it may still mend the minutes it took them.
MINUTES_MENDED_MONTHS = env.number("MINUTES_MENDED_MONTHS", default=3)
ATTACHMENT_MAX_BYTES = env.number("ATTACHMENT_MAX_BYTES", default=10 * 1024 * 1024, least=1)
ATTACHMENTS_PER_CONSULT = 8
# A program that judges each file before it is kept: it is given the file's path, and says 0 for clean, 1 for harmful.
SCAN_COMMAND = env.command("CONSILIUM_SCAN_COMMAND")
SCAN_SECONDS = env.number("CONSILIUM_SCAN_SECONDS", default=30, least=1)
# An agreement that ends within so many months may be offered another; an open offer is brought to mind so many days
# before that end.
RENEWAL_MONTHS = env.number("RENEWAL_MONTHS", default=4, least=1)
RENEWAL_REMINDER_DAYS = env.days("RENEWAL_REMINDER_DAYS", default="90,60,30")
# Shown where questions are asked: what to call when writing is too slow.
EMERGENCY_NUMBER = env.str("EMERGENCY_NUMBER", default="911")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- people and sign-in -------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "members.Person"
AUTHENTICATION_BACKENDS = ["portal.members.backends.CanSignInBackend"]
# The address is unique without regard to case, by a constraint that the check does not recognize.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "portal.members.passwords.NearbyWordsValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "portal.members.adapter.AccountAdapter"
MFA_ADAPTER = "portal.members.adapter.SecondFactorAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = False
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SITE_URL.startswith("https") else "http"
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "confirm_email": "1/m/key",
    "change_email": "5/m/user",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "reauthenticate": "10/m/user",
    "ask_to_join": "10/m/ip",
    "apply": "5/m/ip",
}
# Where a stranger may name an address, each answer takes a whole number of such steps: more than one usually needs.
EVEN_PAGES = frozenset({"account_reset_password", "join", "apply", "api-apply"})
EVEN_MILLISECONDS = env.number("EVEN_MILLISECONDS", default=300)
# The number of proxies in front: 0 means that X-Forwarded-For is never believed.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", default=0)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Consilium"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
# Shown in the list of sessions; SessionLimitsMiddleware writes it, once a minute instead of at every request.
USERSESSIONS_TRACK_ACTIVITY = True
INVITATION_LIFETIME = timedelta(days=14)
# Whether organizations may apply at /apply/, and another list of what is checked than portal/members/checklist.yaml.
APPLICATIONS_OPEN = env.yes_or_no("APPLICATIONS_OPEN", default=True)
APPLICATION_CHECKLIST = env.str("APPLICATION_CHECKLIST", default="")
# Organizations' own sign-in. The providers are rows of ours (portal.members.provider_adapter); nothing of what they say
# is kept but who it was.
SOCIALACCOUNT_PROVIDERS = {"saml": {"provider_class": "portal.members.saml_provider.LastingProvider"}}
SOCIALACCOUNT_ADAPTER = "portal.members.provider_adapter.ProviderAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False
# Whom the site asks when members tell it an address: only public servers, over https, unless these say otherwise.
FETCH_HTTPS_ONLY = PRODUCTION
FETCH_PRIVATE_ADDRESSES = env.yes_or_no("FETCH_PRIVATE_ADDRESSES", default=not PRODUCTION)
# Network staff, and organizations that ask for it, cannot go past sign-in without a second factor.
REQUIRE_SECOND_FACTOR = PRODUCTION

# --- payments online ----------------------------------------------------------------------------------------------
# Stripe, off unless both are given; an address only for a stand-in that speaks the same endpoints.
STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET = env.both(
    ("STRIPE_SECRET_KEY", ("sk_", "rk_")), ("STRIPE_WEBHOOK_SECRET", ("whsec_",))
)
STRIPE_API_ADDRESS = env.web_address("STRIPE_API_ADDRESS", default="") if "STRIPE_API_ADDRESS" in os.environ else ""

# A member of whom nobody has signed in, read or asked for so many days has gone quiet: a figure of the overview.
QUIET_DAYS = env.number("QUIET_DAYS", default=30, least=1)

# --- audit trail --------------------------------------------------------------------------------------------------
# The keys of the chain, the one in use first; kept longer than SECRET_KEY, from which they are made when none is given.
AUDIT_KEYS = env.list("AUDIT_KEYS", default=[]) or [SECRET_KEY, *SECRET_KEY_FALLBACKS]
AUDIT_KEEP_DAYS = env.number("AUDIT_KEEP_DAYS", default=6 * 366, least=366)

# Sessions end after this long without a request, and after this long in any case (both documented in operations.md).
SESSION_IDLE_SECONDS = env.number("SESSION_IDLE_MINUTES", default=30, least=1) * 60
SESSION_ABSOLUTE_SECONDS = env.number("SESSION_ABSOLUTE_HOURS", default=12, least=1) * 3600
# An administrator of the network may look at the site as somebody else for so long at a time.
STAND_IN_MINUTES = env.number("STAND_IN_MINUTES", default=30, least=1)
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
SESSION_ENGINE = "portal.common.sessions"
# A browser takes a cookie of this prefix only over TLS, from this host, for all of it: no other host can set one.
COOKIE_PREFIX = "__Host-" if PRODUCTION else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}consilium_session"
SESSION_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}consilium_csrf"
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.common.errors.csrf_failure"

# Rate limits count in the database, so that every web process and host shares one count.
# Beyond so many counts the oldest go: with Django's 300, a stream of invented addresses would empty them.
_COUNTS = {"LOCATION": "common_cache", "OPTIONS": {"MAX_ENTRIES": 50_000}}
CACHES = {
    "default": {"BACKEND": "portal.common.counting.StrictCounts", **_COUNTS},
    "requests": {"BACKEND": "portal.common.counting.LooseCounts", **_COUNTS},
    "process": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        # Up to six for each document that is read; with Django's 300, fifty documents would crowd each other out.
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}

# --- browser walls ------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = PRODUCTION and env.yes_or_no("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 63072000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
if env.yes_or_no("SECURE_PROXY_SSL", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

# Whom to write to about a weakness: a mailto: or https: address, told in /.well-known/security.txt.
SECURITY_CONTACT = env.contact("SECURITY_CONTACT")

# --- REST ---------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["portal.members.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.common.rest.Json"],
    "DEFAULT_PAGINATION_CLASS": "portal.common.rest.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "portal.common.problems.handler",
    "DEFAULT_THROTTLE_CLASSES": ["portal.common.rest.Throttle"],
    "DEFAULT_THROTTLE_RATES": {"user": env.rate("API_RATE", default="600/min")},
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
API_TOKEN_LIFETIME = timedelta(days=90)
SPECTACULAR_SETTINGS = {
    "TITLE": "Consilium",
    "DESCRIPTION": "Documents, search and consults of a care network. Sign in with `Authorization: Token …`.",
    "VERSION": "1",
    "SERVE_PUBLIC": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "portal.common.describing.common_answers",
    ],
    "ENUM_NAME_OVERRIDES": {
        "FeedbackAnswerEnum": "knowledge.models.Feedback.Answer",
        "FeedbackReasonEnum": "knowledge.models.Feedback.Reason",
        "ReasonEnum": "consults.models.Consult.Reason",
        "LanguageEnum": "consults.languages.OFFERED",
        "ConsultStateEnum": "consults.models.Consult.State",
        "CallStateEnum": "consults.models.Call.State",
        "CallEventKindEnum": "consults.models.CallEvent.Kind",
        "ClockStateEnum": "consults.clock.State",
        "InvitationAnswerEnum": "consults.models.ConferenceInvitation.Answer",
        "EngagementStateEnum": "consults.models.Engagement.State",
        "DocumentKindEnum": "knowledge.models.Document.Kind",
        "RevisionStateEnum": "knowledge.models.Revision.State",
        "MessageKindEnum": "consults.models.Message.Kind",
        "RoleNameEnum": "portal.members.models.Role.Name",
        "OrganizationRoleEnum": "portal.members.api_roster.GIVEN",
        "IdentityProviderKindEnum": "portal.members.models_sso.IdentityProvider.Kind",
        "TierEnum": "portal.members.models.Organization.Tier",
        "FacilityKindEnum": "portal.members.models.Facility.Kind",
        "ApplicationKindEnum": "portal.members.models_applications.Application.Kind",
        "ApplicationStateEnum": "portal.members.models_applications.Application.State",
        "ApplicationNoteKindEnum": "portal.members.models_applications.ApplicationNote.Kind",
        "ContactKindEnum": "portal.members.models_house.Contact.Kind",
        "MembershipStateEnum": "portal.members.models_applications.MembershipPeriod.State",
        "TimelineKindEnum": "consults.models.TimelineEntry.Kind",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    # Hundreds of operations: each group opens when it is asked for.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "none", "filter": True},
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- logs ---------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stream": {"class": "logging.StreamHandler", "formatter": "line", "stream": sys.stderr}},
    "root": {"handlers": ["stream"], "level": env.one_of("LOG_LEVEL", default="INFO", choices=LEVELS)},
    "loggers": {
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
        # What was refused is in portal.common.middleware's own line, which says who and from where.
        "django.request": {"level": "ERROR"},
    },
}
