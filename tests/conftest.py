"""Shared by all tests: an Andon home of their own, the database they run on, and no network.

SQLite by default; `ANDON_TEST_DATABASE_URL=postgresql://...` runs the same tests on PostgreSQL.
"""

import atexit
import importlib
import ipaddress
import logging
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import django
import pytest
import structlog
from django.conf import settings
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from andon.core import process
from tests.support import clocks, postgres
from tests.support.collecting import pytest_make_collect_report
from tests.support.outside import Receiver

__all__ = ["pytest_make_collect_report"]

DATE = clocks.install()
os.environ["ANDON_HOME"] = tempfile.mkdtemp(prefix="andon-test-")
atexit.register(shutil.rmtree, os.environ["ANDON_HOME"], ignore_errors=True)
os.environ["ANDON_SECRET_KEY"] = "not a secret: only tests sign with it, 0123456789 0123456789"
os.environ["ANDON_DATABASE_URL"] = os.environ.get("ANDON_TEST_DATABASE_URL", "")
os.environ["DJANGO_SETTINGS_MODULE"] = "andon.project.settings"
if settings.configured:
    # pytest-django reads the settings before this file when the variable is set outside.
    raise pytest.UsageError("unset DJANGO_SETTINGS_MODULE: the tests choose settings of their own")
django.setup()


def pytest_configure(config: pytest.Config) -> None:
    """Let each test begin at the date that is asked for, if one is."""
    config.pluginmanager.register(clocks.Readers(DATE))


class NetworkUsed(RuntimeError):
    """A test reached for a machine other than this one. Tests talk to loopback only."""


def is_local(host: object) -> bool:
    """Return whether an address or name means this machine."""
    text = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if text in ("localhost", "ip6-localhost", "testserver", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def guard_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse what leaves this machine: an audit hook, so no library gets around it unnoticed.

    Looking up `....invalid` fails as it does anywhere (RFC 6761), without asking a name server.
    """
    if event in ("socket.connect", "socket.sendto"):
        sock, address = arguments
        inet = sock.family in (socket.AF_INET, socket.AF_INET6)
        if inet and address and not is_local(address[0]):
            raise NetworkUsed(f"a test may not talk to {address[0]}")
    elif event == "socket.getaddrinfo":
        name = arguments[0].decode() if isinstance(arguments[0], bytes) else str(arguments[0] or "")
        if name.rstrip(".").endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if not is_local(name) and not is_address(name):
            raise NetworkUsed(f"a test may not look up {name}")


def is_address(text: str) -> bool:
    """Return whether a text is an IP address, which needs no name server."""
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


sys.addaudithook(guard_network)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Return the URL of a PostgreSQL: the one this run is on, or a throwaway one."""
    given = os.environ.get("ANDON_TEST_DATABASE_URL", "")
    if given:
        yield given
        return
    with postgres.cluster() as server:
        yield server.url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Put SQLite's test database into a file, as in an installation; let tests take their time.

    Django's own choice is memory shared by threads, which knows no write-ahead log and answers
    "table is locked" at once, where a file waits its turn.
    """
    default = connections["default"]
    if default.vendor == "sqlite":
        path = tmp_path_factory.mktemp("database") / "andon.sqlite3"
        default.settings_dict["TEST"]["NAME"] = str(path)
    else:
        # The transaction around a test may lie idle as long as the test takes.
        limits = {"idle_in_transaction_session_timeout": "10min", "transaction_timeout": "0"}
        default.settings_dict["OPTIONS"]["limits"] = limits


@pytest.fixture(scope="session", autouse=True)
def _emptied_between_tests() -> Iterator[None]:
    """Let tests with real transactions leave an empty database, the ledger's lines included.

    Django empties SQLite's tables by DELETE, which the ledger refuses; PostgreSQL's by TRUNCATE,
    which no trigger of a row sees.
    """
    ledger = importlib.import_module("andon.costing.migrations.0003_postings_are_kept")
    operations = DatabaseWrapper.ops_class
    usual = operations.execute_sql_flush

    def flush(self: Any, statements: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER posting_kept")
        usual(self, statements)
        with self.connection.cursor() as cursor:
            cursor.execute(ledger.SQLITE)

    operations.execute_sql_flush = flush
    yield
    operations.execute_sql_flush = usual


@pytest.fixture(autouse=True)
def _no_trouble_left_behind() -> Iterator[None]:
    """Forget that a database was away in a test, and what was remembered of it.

    At a date that is wound, the databases of two tests are written at the same instants.
    """
    yield
    process._found = None
    for one in vars(sys.modules.get("andon.planning.queries.remembered", process)).values():
        getattr(one, "cache_clear", int)()
    process._CANNOT_STORE.set(0)


@pytest.fixture(autouse=True)
def _logs_are_set_up_for_one_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undo what a command or a server of a test did to the log.

    A module's logger that was used meanwhile would keep that set-up for good, and what a later test
    looks for in the log would not be found.
    """
    configure = structlog.configure

    def for_now(**how: Any) -> None:
        configure(**{**how, "cache_logger_on_first_use": False})

    monkeypatch.setattr(structlog, "configure", for_now)
    yield
    structlog.reset_defaults()
    root = logging.getLogger()
    ours = structlog.stdlib.ProcessorFormatter
    root.handlers[:] = [one for one in root.handlers if not isinstance(one.formatter, ours)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Listen on loopback as any server that is called: it keeps what arrives, answers as told."""
    made = Receiver()
    stop = made.start()
    yield made
    stop()
