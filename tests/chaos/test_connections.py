"""Our connections to PostgreSQL: limited, made at once, given up when nobody answers."""

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from andon.project import environment
from andon.project.postgresql.base import DatabaseWrapper
from tests.support import postgres
from tests.support.proxy import proxy

pytestmark = [pytest.mark.chaos]

Connect = Callable[[str], DatabaseWrapper]
_number = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Cluster]:
    with postgres.cluster() as made:
        yield made


@pytest.fixture
def connect(django_db_blocker: DjangoDbBlocker) -> Iterator[Connect]:
    """Yield what makes a connection as an installation does; each URL has a pool of its own."""
    made: list[Any] = []

    def new(url: str) -> DatabaseWrapper:
        alias = f"apart-{next(_number)}"
        [settings] = environment.databases(
            environment.read({"ANDON_DATABASE_URL": url, "ANDON_HOME": "/nowhere"})
        ).values()
        handler = ConnectionHandler({"default": {}, alias: settings})
        made.append(handler[alias])
        return made[-1]  # type: ignore[no-any-return]

    with django_db_blocker.unblock():
        yield new
        for one in made:
            one.close()
            one.close_pool()


def ask(connection: DatabaseWrapper, sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


IDLE, LOCK, STATEMENT = (
    "SHOW idle_in_transaction_session_timeout",
    "SHOW lock_timeout",
    "SHOW statement_timeout",
)


def test_every_connection_is_limited_and_unhurried_work_is_not(
    server: postgres.Cluster, connect: Connect
) -> None:
    one = connect(server.url)
    assert [ask(one, sql) for sql in (IDLE, LOCK, STATEMENT)] == ["3s", "5s", "15s"]
    with one.unhurried():
        assert [ask(one, sql) for sql in (IDLE, LOCK, STATEMENT)] == ["1min", "2min", "0"]
        one.close()
        assert ask(one, STATEMENT) == "0", "also on a connection made in the block"
    assert ask(one, STATEMENT) == "15s"
    with one.hasty():
        assert ask(one, LOCK) == "250ms"
    assert ask(one, LOCK) == "5s"


def test_a_connection_given_back_in_an_unhurried_block_is_nobody_elses(
    server: postgres.Cluster, connect: Connect
) -> None:
    one = connect(server.url)
    with one.unhurried():
        ask(one, "SELECT 1")
        one.close()
    assert ask(one, STATEMENT) == "15s"


def test_what_the_url_says_about_connecting_wins(
    server: postgres.Cluster, connect: Connect
) -> None:
    params = connect(f"{server.url}?connect_timeout=7&application_name=mine")
    asked = params.get_connection_params()
    assert (asked["connect_timeout"], asked["application_name"]) == ("7", "mine")
    assert asked["tcp_user_timeout"] == 5000


def test_after_a_restart_no_stale_connection_costs_time(
    server: postgres.Cluster, connect: Connect
) -> None:
    one = connect(server.url)
    pool = one.pool
    assert pool is not None
    held = [pool.getconn() for _ in range(5)]
    for each in held:
        pool.putconn(each)
    server.restart()
    began = time.monotonic()
    assert ask(one, "SELECT 1") == 1
    assert time.monotonic() - began < 2.0


def test_a_server_that_is_away_is_said_at_once_and_found_at_once(
    server: postgres.Cluster, connect: Connect
) -> None:
    one = connect(server.url)
    server.stop()
    for _ in range(20):
        began = time.monotonic()
        with pytest.raises(OperationalError):
            ask(one, "SELECT 1")
        assert time.monotonic() - began < 2.0
    server.start()
    began = time.monotonic()
    assert ask(one, "SELECT 1") == 1
    assert time.monotonic() - began < 2.0


def test_a_connection_that_takes_bytes_and_never_answers_is_given_up(
    server: postgres.Cluster, connect: Connect
) -> None:
    with proxy(to_port=server.port) as wire:
        one = connect(server.url.replace(f":{server.port}/", f":{wire.port}/"))
        ask(one, "SELECT 1")
        one.connection.patience = 1.0
        wire.swallow()
        with pytest.raises(OperationalError, match="has not answered for 1 s"):
            ask(one, "SELECT 1")
        wire.heal()
        one.close()
        assert ask(one, "SELECT 1") == 1


def test_a_session_ended_for_idling_is_a_lost_connection(
    server: postgres.Cluster, connect: Connect
) -> None:
    one = connect(server.url)
    with one.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '200ms'")
        cursor.execute("BEGIN")
        time.sleep(1.0)  # five times as long as it may
        with pytest.raises(OperationalError, match="idle-in-transaction"):
            cursor.execute("SELECT 1")
    one.close()
    assert ask(one, "SELECT 1") == 1
