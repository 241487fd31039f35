"""Django's settings. What can differ between installations comes from `environment`."""

from pathlib import Path

from csp.constants import NONE, SELF

from andon.project import environment, front, home

ENV = environment.read()
PACKAGE = Path(__file__).resolve().parent.parent

ANDON_MADE_PRIVATE = home.prepare(ENV)
SECRET_KEY = home.secret_key(ENV)
DEBUG = False
ALLOWED_HOSTS = list(ENV.allowed_hosts)
CSRF_TRUSTED_ORIGINS = [ENV.url]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "andon.core",
    "andon.people",
    "andon.catalogue",
    "andon.oncall",
    "andon.alerts",
    "andon.paging",
    "andon.slo",
    "andon.telemetry",
    "andon.budgets",
    "andon.incidents",
    "andon.costing",
    "andon.integrations",
    "andon.web.hooks",
]
MIDDLEWARE = [
    "andon.web.problems.MachineAnswers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "andon.web.portal.sessions.EndOfSessions",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "andon.project.urls"
ASGI_APPLICATION = "andon.project.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "portal" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = environment.databases(ENV)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "andon.people.actions.passwords.NotGuessable"},
]
LOGIN_URL = "portal:sign-in"
LOGIN_REDIRECT_URL = "portal:home"

# No body is larger (`project/front.py`), so none is ever written to disk.
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = front.MOST_BYTES

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LANGUAGE_CODE = "en-gb"

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "web" / "portal" / "static"]
WHITENOISE_USE_FINDERS = True

_https = ENV.url.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_REFERRER_POLICY = "same-origin"
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
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

#: Our own settings, for the edges.
ANDON_OPEN_TO_OTHERS = home.troubles(ENV)
#: Whether what the database holds is a sample; looked up once when the server starts.
ANDON_SAMPLE = False
ANDON_URL = ENV.url
ANDON_SMTP_URL = ENV.smtp_url
ANDON_MAIL_FROM = ENV.mail_from
ANDON_TRUSTED_PROXIES = ENV.trusted_proxies
ANDON_METRICS_ALLOW = ENV.metrics_allow
ANDON_EGRESS_ALLOW = ENV.egress_allow
LOGGING_CONFIG = None
