"""What the environment says, read once. Every variable Andon knows is a field here.

Kept apart from Django's settings so that commands that need no database can use it too.
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from andon.core import masking

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class UnusableEnvironment(SystemExit):
    """A variable is set to something Andon cannot use; says which, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Andon's settings, as read from the environment."""

    #: ANDON_HOME: where the embedded database, the secret key and the locks live.
    home: Path
    #: ANDON_HOME_GROUP: `yes` lets the folder's group read and change what is in it; else nobody.
    home_group: bool
    #: ANDON_HOST, ANDON_PORT: where the web listens.
    host: str
    port: int
    #: ANDON_DATABASE_URL: `postgresql://user:password@host/name`; empty for SQLite in ANDON_HOME.
    database_url: str = field(repr=False)
    #: ANDON_URL: how people reach Andon; links in messages start with it.
    url: str
    #: ANDON_SMTP_URL: `smtp://[user:password@]host[:port]`, or `smtps://`, `smtp+starttls://`.
    smtp_url: str = field(repr=False)
    #: ANDON_MAIL_FROM: the sender of Andon's mail.
    mail_from: str
    #: ANDON_ALLOWED_HOSTS: comma-separated host names that may appear in requests.
    allowed_hosts: tuple[str, ...]
    #: ANDON_TRUSTED_PROXIES: comma-separated addresses or networks of proxies in front of the web,
    #: whose X-Forwarded-For is believed.
    trusted_proxies: tuple[Network, ...]
    #: ANDON_METRICS_ALLOW: comma-separated addresses or networks that may read /metrics.
    metrics_allow: tuple[Network, ...]
    #: ANDON_EGRESS_ALLOW: comma-separated networks that configurable URLs may reach though private.
    egress_allow: tuple[str, ...]
    #: ANDON_HEARTBEAT_URL: called by GET after each healthy engine cycle, at most once a minute.
    heartbeat_url: str = field(repr=False)
    #: ANDON_PROMETHEUS_URL: Prometheus or VictoriaMetrics, whose API error budgets are read from;
    #: for a VictoriaMetrics cluster with its tenant's path (`.../select/0/prometheus`).
    prometheus_url: str = field(repr=False)
    #: ANDON_PROMETHEUS_HEADERS: `Name: value` pairs between `;`, for authorisation or a tenant.
    prometheus_headers: tuple[tuple[str, str], ...] = field(repr=False)
    #: ANDON_TELEMETRY_DIR: where the engine keeps generated telemetry; empty: it generates none.
    telemetry_dir: Path | None
    #: ANDON_VMALERT_URL, ANDON_ALERTMANAGER_URL: comma-separated; reloaded after a change, and the
    #: Alertmanagers are asked for alerts whose webhook was lost.
    vmalert_urls: tuple[str, ...] = field(repr=False)
    alertmanager_urls: tuple[str, ...] = field(repr=False)
    #: ANDON_ALERTMANAGER_KEY: name or id of the integration key that those Alertmanagers post with;
    #: empty when there is one Alertmanager key only.
    alertmanager_key: str
    #: ANDON_LOG: `console` or `json`.
    log: str
    #: ANDON_SECRET_KEY: signs sessions and acknowledge links; else a file made in ANDON_HOME.
    secret_key: str = field(repr=False)
    #: ANDON_KEY: a key of the API, for commands that ask a running Andon at ANDON_URL.
    key: str = field(repr=False, default="")

    @property
    def is_postgres(self) -> bool:
        """Return whether this is an installation for many machines."""
        return self.database_url.startswith(("postgres://", "postgresql://"))


def read(environ: Mapping[str, str] = os.environ) -> Environment:
    """Return the settings in an environment. Raises UnusableEnvironment, naming the variable."""
    host = environ.get("ANDON_HOST", "127.0.0.1")
    port = _port(environ.get("ANDON_PORT", "8000"))
    shown = f"[{host}]" if ":" in host else host
    url = environ.get("ANDON_URL", f"http://{shown}:{port}").rstrip("/")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise UnusableEnvironment(f"ANDON_URL is {url!r}; write http(s)://HOST[:PORT]")
    database_url = environ.get("ANDON_DATABASE_URL", "")
    if database_url and not database_url.startswith(("postgres://", "postgresql://", "sqlite:///")):
        raise UnusableEnvironment(
            "ANDON_DATABASE_URL must start with postgresql:// (many machines) or sqlite:/// (one); "
            "leave it out for SQLite in ANDON_HOME"
        )
    _check_port("ANDON_DATABASE_URL", database_url)
    hosts = {"localhost", "127.0.0.1", "[::1]", str(urlsplit(url).hostname), shown}
    hosts |= set(_list(environ.get("ANDON_ALLOWED_HOSTS", "")))
    return Environment(
        home=Path(environ.get("ANDON_HOME", "./var")).resolve(),
        home_group=_yes(environ, "ANDON_HOME_GROUP"),
        host=host,
        port=port,
        database_url=database_url,
        url=url,
        smtp_url=_smtp_url(environ),
        mail_from=_mail_from(environ),
        allowed_hosts=tuple(sorted(hosts)),
        trusted_proxies=_networks(environ, "ANDON_TRUSTED_PROXIES"),
        metrics_allow=_networks(environ, "ANDON_METRICS_ALLOW", default="127.0.0.0/8, ::1"),
        egress_allow=tuple(str(one) for one in _networks(environ, "ANDON_EGRESS_ALLOW")),
        heartbeat_url=_web_url("ANDON_HEARTBEAT_URL", environ.get("ANDON_HEARTBEAT_URL", "")),
        prometheus_url=_url(environ, "ANDON_PROMETHEUS_URL"),
        prometheus_headers=_headers(environ.get("ANDON_PROMETHEUS_HEADERS", "")),
        telemetry_dir=_path(environ.get("ANDON_TELEMETRY_DIR", "")),
        vmalert_urls=_urls(environ, "ANDON_VMALERT_URL"),
        alertmanager_urls=_urls(environ, "ANDON_ALERTMANAGER_URL"),
        alertmanager_key=environ.get("ANDON_ALERTMANAGER_KEY", "").strip(),
        log=_log(environ),
        secret_key=environ.get("ANDON_SECRET_KEY", ""),
        key=environ.get("ANDON_KEY", "").strip(),
    )


def databases(env: Environment) -> dict[str, dict[str, object]]:
    """Return Django's DATABASES for an environment."""
    if env.is_postgres:
        return {"default": _postgres(env.database_url)}
    path = str(database_path(env))
    return {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": path,
            "OPTIONS": {
                # Django's default mode gives "database is locked" under concurrent writers.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: a commit is on disk when it returns, which is what a 202 promises.
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                    "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456;"
                ),
            },
        }
    }


def database_path(env: Environment) -> Path | None:
    """Return where the embedded database is; None for PostgreSQL."""
    if env.is_postgres:
        return None
    return Path(env.database_url.removeprefix("sqlite:///") or env.home / "andon.sqlite3")


def _postgres(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    options: dict[str, object] = dict(parse_qsl(parts.query))
    options["pool"] = True
    return {
        "ENGINE": "andon.project.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def _yes(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name, "").strip().lower()
    if text not in ("", "yes", "no"):
        raise UnusableEnvironment(f"{name} is {text!r}; write yes or no")
    return text == "yes"


def _log(environ: Mapping[str, str]) -> str:
    text = environ.get("ANDON_LOG", "") or "console"
    if text not in ("console", "json"):
        raise UnusableEnvironment(f"ANDON_LOG is {text!r}; write console or json")
    return text


def _smtp_url(environ: Mapping[str, str]) -> str:
    url = environ.get("ANDON_SMTP_URL", "")
    _check_port("ANDON_SMTP_URL", url)
    schemes = ("smtp", "smtps", "smtp+starttls")
    if url and (urlsplit(url).scheme not in schemes or not urlsplit(url).hostname):
        raise UnusableEnvironment(
            "ANDON_SMTP_URL must be smtp://, smtp+starttls:// or smtps://, then "
            "[USER:PASSWORD@]HOST[:PORT]; leave it out for no mail"
        )
    return url


def _mail_from(environ: Mapping[str, str]) -> str:
    text = environ.get("ANDON_MAIL_FROM", "") or "Andon <andon@localhost>"
    if "@" not in parseaddr(text)[1]:
        raise UnusableEnvironment(f"ANDON_MAIL_FROM is {text!r}; write Andon <andon@HOST>")
    return text


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise UnusableEnvironment(f"ANDON_PORT is {text!r}; write a number from 1 to 65535")
    return int(text)


def _check_port(name: str, url: str) -> None:
    """Refuse a URL whose parts cannot be told, without the words that quote half a password."""
    try:
        urlsplit(url).port  # noqa: B018 - raises when it is not a number
    except ValueError as error:
        raise UnusableEnvironment(
            f"{name} cannot be read: percent-encode what is special in the password"
        ) from error


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _networks(environ: Mapping[str, str], name: str, *, default: str = "") -> tuple[Network, ...]:
    found = []
    for text in _list(environ.get(name, "") or default):
        try:
            found.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            raise UnusableEnvironment(
                f"{name} has {text!r}; write addresses or networks, such as 10.1.2.3, 10.1.0.0/16"
            ) from None
    return tuple(found)


def _path(text: str) -> Path | None:
    return Path(text).resolve() if text else None


def _url(environ: Mapping[str, str], name: str) -> str:
    urls = _urls(environ, name)
    if len(urls) > 1:
        raise UnusableEnvironment(f"{name} names {len(urls)} addresses; write one")
    return urls[0] if urls else ""


def _urls(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    urls = tuple(url.rstrip("/") for url in _list(environ.get(name, "")))
    return tuple(_web_url(name, url) for url in urls)


def _web_url(name: str, url: str) -> str:
    _check_port(name, url)
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise UnusableEnvironment(
            f"{name} has {masking.url(url)!r}; write http(s)://HOST[:PORT][/PATH]"
        )
    return url


def _headers(text: str) -> tuple[tuple[str, str], ...]:
    pairs = [part.partition(":") for part in text.split(";") if part.strip()]
    if any(not (colon and name.strip() and value.strip()) for name, colon, value in pairs):
        raise UnusableEnvironment(
            "ANDON_PROMETHEUS_HEADERS is not `Name: value; Name: value`, such as "
            "`Authorization: Bearer SECRET; X-Scope-OrgID: shop`"
        )
    return tuple((name.strip(), value.strip()) for name, _, value in pairs)
