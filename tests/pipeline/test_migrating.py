"""An installation of November 2026, with rows in it, goes on under the code of today.

The dumps were made by the code as it was then (Andon 6760d88, the living sample in its first
minutes, with alerts and pages open, an override, keys, a change event, an unreadable request).
"""

import gzip
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support import postgres
from tests.support.installation import Installation, eventually, installation, mailbox

DUMPS = Path(__file__).parent / "november"
#: Tables that bear another name today.
RENAMED = {
    "slo_budgetpoint": "budgets_budgetpoint",
    "slo_budgetreading": "budgets_budgetreading",
    "slo_duty": "core_turnlease",
    "slo_rollout": "telemetry_rollout",
    "slo_rulestate": "telemetry_rulestate",
    "slo_targetloss": "budgets_targetloss",
}
#: Counters that were instants have become turns and the mark of the sample; locks are no rows.
GROWN = {"core_counter": -5, "slo_duty": 2}
#: What an engine writes anew by itself as soon as it runs, and Django's own lists.
ITS_OWN = {"core_node", "core_stagebeat", "django_migrations", "django_content_type",
           "auth_permission", "sqlite_sequence"}  # fmt: skip


def dump(name: str) -> str:
    return gzip.decompress((DUMPS / f"{name}.sql.gz").read_bytes()).decode()


@pytest.fixture(params=["sqlite", "postgresql"])
def before(request, tmp_path) -> Iterator[tuple[Installation, str]]:
    """Yield the installation as it was left, its processes killed, and the dump it came from."""
    text = dump(request.param)
    with mailbox() as (_, smtp_url):
        if request.param == "sqlite":
            connection = sqlite3.connect(tmp_path / "andon.sqlite3")
            connection.create_function("django_date_extract", 2, _day, deterministic=True)
            connection.executescript(text)
            connection.close()
            (tmp_path / "andon.sqlite3").chmod(0o600)
            with installation(tmp_path, smtp_url=smtp_url) as andon:
                yield andon, text
            return
        with postgres.cluster() as server:
            with psycopg.connect(server.url, autocommit=True) as to:
                to.execute(text.encode())
            with installation(tmp_path, database_url=server.url, smtp_url=smtp_url) as andon:
                yield andon, text


def _day(_part: str, date: str) -> int:
    return int(date[-2:])


def test_every_row_is_kept_and_what_was_open_is_taken_further(before):
    andon, text = before
    rows = Counter(re.findall(r"^INSERT INTO \"(\w+)\"", text, re.MULTILINE))
    assert rows["paging_page"] == 42
    andon.run("admin", "migrate", "-v0")
    for table, count in rows.items():
        if table not in ITS_OWN:
            [(now,)] = andon.rows(f'SELECT COUNT(*) FROM "{RENAMED.get(table, table)}"')
            assert (table, now) == (table, count + GROWN.get(table, 0))
    assert [tuple(row) for row in andon.rows("SELECT * FROM core_counter")] == [("incident", 40)]
    assert andon.rows("SELECT kind FROM core_samplemark")[0][0] == "living"
    turns = {name for (name,) in andon.rows("SELECT name FROM core_turnlease")}
    assert turns == {"ways", "budgets", "ledger", "housekeeping"}
    about = "kind, subject_kind, subject_ref"
    apart = f"SELECT {about} FROM paging_page WHERE subject_kind <> 'service' OR kind = 'exercise'"
    assert sorted({tuple(row) for row in andon.rows(apart)}) == [
        ("exercise", "service", "1"),
        ("incident", "ticket", "1"),
        ("incident", "unknown", ""),
        ("incident", "unknown", "basket-v2"),
        ("incident", "unknown", "unknown-thing"),
    ]
    for table in RENAMED.values():
        # Permissions hang on these rows: Django must find the old one under its new name.
        package, _, model = table.partition("_")
        its = f"app_label = '{package}' AND model = '{model}'"
        [(key,)] = andon.rows(f"SELECT id FROM django_content_type WHERE {its}")
        assert key <= rows["django_content_type"]
    shown = andon.run("incidents")
    for said in ("INC-37", "A service nobody knows", "INC-39", "Ben Okafor", "INC-34", "held"):
        assert said in shown
    assert 'No service is called "unknown-thing": paging the catch-all rota' in andon.run("alerts")
    pages = "SELECT COUNT(*) FROM paging_notification WHERE state = 'sent'"
    [(sent,)] = andon.rows(pages)
    andon.start("up")
    eventually(lambda: andon.rows(pages)[0][0] > sent, what="the next step of the pages left open")
    assert andon.rows("SELECT stage, error FROM core_stagebeat WHERE error <> ''") == []
    assert andon.rows("SELECT * FROM core_setaside") == []
