"""kill -9 in the middle of a storm: what was answered 202 is there, and every page goes out."""

import asyncio
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from tests.support import postgres
from tests.support.installation import (
    Installation,
    Mailbox,
    alertmanager_body,
    eventually,
    installation,
    mailbox,
    write_catalogue,
)

pytestmark = [pytest.mark.chaos]

SERVICES = 400
CONNECTIONS = 16


class Storm:
    """Posts one alert per service and remembers which were answered 202."""

    def __init__(self, andon: Installation, key: str) -> None:
        self.andon = andon
        self.key = key
        self.accepted: set[str] = set()
        self.refused: set[str] = set()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._blow()))

    def __enter__(self) -> "Storm":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(120)
        assert not self._thread.is_alive()

    async def _blow(self) -> None:
        left = iter(range(SERVICES))
        limits = httpx2.Limits(max_connections=CONNECTIONS)
        async with httpx2.AsyncClient(limits=limits, timeout=20) as client:
            await asyncio.gather(*(self._post(client, left) for _ in range(CONNECTIONS)))

    async def _post(self, client: httpx2.AsyncClient, left: Iterator[int]) -> None:
        for n in left:
            name = f"alert-{n:04d}"
            labels = {"alertname": name, "service": f"service-{n:04d}", "severity": "critical"}
            try:
                answer = await client.post(
                    f"{self.andon.url}/hooks/alertmanager/{self.key}",
                    content=alertmanager_body([labels]),
                )
            except httpx2.HTTPError:
                self.refused.add(name)
            else:
                (self.accepted if answer.status_code == 202 else self.refused).add(name)


def stored(andon: Installation) -> set[str]:
    return {str(row[0]) for row in andon.rows("SELECT dedup_key FROM alerts_alert")}


def unsent_pages(andon: Installation) -> int:
    sql = "SELECT count(*) FROM paging_page WHERE first_sent_at IS NULL"
    return int(andon.rows(sql)[0][0])


def pages(andon: Installation) -> int:
    return int(andon.rows("SELECT count(*) FROM paging_page")[0][0])


def check_nothing_lost(andon: Installation, box: Mailbox, storm: Storm) -> None:
    """Every accepted alert is stored and its page reached the person on call by mail."""
    missing = storm.accepted - stored(andon)
    assert not missing, (
        f"{len(missing)} alerts were answered 202 and are gone: {sorted(missing)[:5]}"
    )
    eventually(
        lambda: pages(andon) >= len(storm.accepted) and unsent_pages(andon) == 0,
        what="every page handed over",
        patience=90,
    )

    def mailed() -> Counter[str]:
        return Counter(
            str(mail["subject"])[-400:]
            for mail in box.mails()
            if "service-" in str(mail["subject"])
        )

    eventually(lambda: len(mailed()) >= len(storm.accepted), what="every page in the mailbox")
    repeated = sum(count - 1 for count in mailed().values())
    print(
        f"{len(storm.accepted)} accepted, {len(storm.refused)} refused, {repeated} repeated mails"
    )
    # At least once: a mail that was under way when the process died may come again, and says so.
    marked = sum("[may be repeated]" in mail.as_string() for mail in box.mails())
    assert repeated <= marked + 1, f"{repeated} repeated mails, only {marked} marked as such"


def prepare(andon: Installation, tmp_path: Path) -> str:
    write_catalogue(tmp_path / "catalogue", services=SERVICES)
    andon.run("admin", "migrate", "--verbosity", "0")
    andon.run("apply", str(tmp_path / "catalogue"), "--yes")
    return andon.key("alertmanager")


def test_r01_kill_9_in_a_storm_loses_nothing_on_sqlite(tmp_path: Path) -> None:
    with (
        mailbox() as (box, smtp_url),
        installation(tmp_path / "home", smtp_url=smtp_url) as andon,
    ):
        key = prepare(andon, tmp_path)
        up = andon.start("up")
        with Storm(andon, key) as storm:
            eventually(lambda: len(storm.accepted) >= SERVICES // 3, what="a third of the storm")
            up.kill()
        assert storm.refused, "the storm was over before the kill: nothing was tested"
        andon.start("up")
        check_nothing_lost(andon, box, storm)


def test_a_killed_engine_is_taken_over_by_its_peer_on_postgresql(tmp_path: Path) -> None:
    with (
        postgres.cluster() as server,
        mailbox() as (box, smtp_url),
        installation(tmp_path / "home", smtp_url=smtp_url, database_url=server.url) as andon,
    ):
        key = prepare(andon, tmp_path)
        andon.start("web")
        doomed = andon.start("engine", line="engine is running")
        andon.start("engine", line="engine is running")
        with Storm(andon, key) as storm:
            eventually(lambda: len(storm.accepted) >= SERVICES // 3, what="a third of the storm")
            doomed.kill()
        assert len(storm.accepted) == SERVICES
        check_nothing_lost(andon, box, storm)


def test_r23_kill_9_of_the_web_on_postgresql_loses_no_accepted_alert(tmp_path: Path) -> None:
    with (
        postgres.cluster() as server,
        mailbox() as (box, smtp_url),
        installation(tmp_path / "home", smtp_url=smtp_url, database_url=server.url) as andon,
    ):
        key = prepare(andon, tmp_path)
        web = andon.start("web")
        andon.start("engine", line="engine is running")
        with Storm(andon, key) as storm:
            eventually(lambda: len(storm.accepted) >= SERVICES // 3, what="a third of the storm")
            web.kill()
        assert storm.refused
        check_nothing_lost(andon, box, storm)


def test_sigterm_stops_cleanly_and_a_second_node_on_sqlite_is_refused(tmp_path: Path) -> None:
    with installation(tmp_path / "home") as andon:
        first = andon.start("up")
        second = andon.spawn("up")
        assert second.popen.wait(60) != 0
        told = second.log.read_text()
        assert "SQLite serves one node" in told
        assert "ANDON_DATABASE_URL=postgresql://" in told
        assert first.stop() == 0
        assert "Traceback" not in first.log.read_text()


def test_r78_few_moving_parts(tmp_path: Path) -> None:
    """Nothing but the database is needed, and a database of another version is not touched."""
    with installation(tmp_path / "home") as andon:
        assert andon.start("up").stop() == 0
        with closing(sqlite3.connect(andon.home / "andon.sqlite3")) as database, database:
            database.execute(
                "INSERT INTO django_migrations (app, name, applied) "
                "VALUES ('paging', '9999_of_a_newer_version', '2030-01-01')"
            )
        refused = andon.spawn("up")
        assert refused.popen.wait(60) != 0
        told = refused.log.read_text()
        assert "a newer one has changed the database's tables (paging.9999" in told
        assert "Start the newer version" in told
        assert "Traceback" not in told
