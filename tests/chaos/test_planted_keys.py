"""Keys are nowhere to be read: not in the database, not in logs, not in answers."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import msgspec
import pytest

from tests.support.installation import Installation, alertmanager_body, eventually, installation

pytestmark = [pytest.mark.components]
EVENT = {"summary": "it broke", "source": "db1", "severity": "critical"}


def send(andon: Installation, path: str, body: bytes, **headers: str) -> str:
    with httpx2.Client(timeout=20) as client:
        answer = client.post(andon.url + path, content=body, headers=headers)
    return f"{answer.status_code} {answer.headers} {answer.text}"


def test_keys_planted_everywhere_are_found_nowhere(tmp_path: Path) -> None:
    with installation(tmp_path / "home") as andon:
        andon.run("admin", "migrate", "--verbosity", "0")
        am, pd, generic = (andon.key(kind) for kind in ("alertmanager", "pagerduty", "generic"))
        process = andon.start("web")
        alert = alertmanager_body([{"alertname": "A", "service": "x", "url": f"http://h/{am}"}])
        event = {"routing_key": pd, "event_action": "trigger", "payload": EVENT}
        seen = [
            send(andon, f"/hooks/alertmanager/{am}", alert),
            send(andon, f"/hooks/alertmanager/{am}/", b"garbage " + am.encode()),
            send(andon, "/hooks/alertmanager/", alert, authorization=f"Bearer {am}"),
            send(
                andon,
                "/hooks/generic/",
                json.dumps({"summary": generic}).encode(),
                authorization=f"Bearer {generic}",
            ),
            send(
                andon,
                "/hooks/generic/",
                f"no json {generic}".encode(),
                authorization=f"Bearer {generic}",
            ),
            send(andon, "/v2/enqueue", json.dumps(event).encode()),
            send(andon, "/v2/enqueue", json.dumps(event | {"payload": {}}).encode()),
            send(andon, "/v2/enqueue", json.dumps(event).encode() + b" tail " + pd.encode()),
            send(
                andon,
                "/v2/enqueue",
                json.dumps(event).replace(pd, f"\\u{ord(pd[0]):04x}{pd[1:]}").encode(),
            ),
            send(
                andon,
                "/v2/enqueue",
                json.dumps(
                    event
                    | {
                        "client_url": f"http://h/{pd}",
                        "payload": EVENT | {"custom_details": {"key": pd}},
                    }
                ).encode(),
            ),
            send(andon, "/v2/enqueue", json.dumps(event).encode().ljust(600_000)),
            send(andon, f"/v2/enqueu/{pd}", b"{}"),
            send(andon, f"/v2/enqueue{pd}", b"{}"),
            send(andon, f"/hook/alertmanager/{am}", alert),
            send(andon, f"/hooks/alertmanager{am}", alert),
            send(andon, f"/hooks/alertmanager/{am}/x", alert),
            send(andon, f"/api/v1/events/{generic}", b"{}"),
            send(andon, f"/calender/{am.removeprefix('andon_key_')}.ics", b""),
            send(andon, f"/calendars/{am.removeprefix('andon_key_')}.isc", b""),
            send(andon, f"/?key={am}", b""),
        ]
        assert [line[:3] for line in seen[:8]] == ["202"] * 6 + ["400", "202"]
        eventually(
            lambda: andon.rows("SELECT 1 FROM alerts_integrationkey WHERE lost_at IS NOT NULL"),
            what="the fault of the body that was too large",
        )
        kept = andon.rows("SELECT id FROM alerts_rejectedrequest")
        assert kept, "nothing was refused, so nothing was proven"
        listed = andon.run("keys", "list", "--json")
        process.stop()
        texts = {"listing": listed} | {f"answer {at}": one for at, one in enumerate(seen)}
        for file in sorted(andon.home.rglob("*")):
            if file.is_file():
                texts[file.name] = file.read_bytes().decode("latin-1")
        assert "andon.sqlite3" in texts
        log = process.log.read_text()
        assert "Not Found" in log or "not_found" in log.lower(), log[-2000:]
        for secret in (am, pd, generic):
            core = secret.removeprefix("andon_key_")[14:]
            found = [name for name, text in texts.items() if core in text]
            assert not found, f"a key is to be read in {found}"


def test_an_upgrade_takes_the_keys_of_older_requests_out_of_the_file(tmp_path: Path) -> None:
    with installation(tmp_path / "home") as andon:
        andon.run("admin", "migrate", "alerts", "0004", "--verbosity", "0")
        secret, now = "0f1e2d3c4b5a69788796a5b4c3d2e1f0", datetime(2026, 11, 20, tzinfo=UTC)
        body = b'{"routing_key": "%s", "payload": "%s"}' % (secret.encode(), b"x" * 9000)
        requests = msgspec.msgpack.encode([[1, "pagerduty", now, body]] * 3)
        with sqlite3.connect(andon.home / "andon.sqlite3") as database:
            database.execute(
                "INSERT INTO alerts_integrationkey (id, name, kind, digest, hint, per_minute, "
                "created_at, created_by, rejected_why, lost_why) "
                "VALUES (1, 'pd', 'pagerduty', 'd', 'h', 1200, '2026-11-20', '', '', '')"
            )
            database.execute(
                "INSERT INTO alerts_intakebatch (received_at, requests, count) "
                "VALUES ('2026-11-20', ?, 3)",
                (requests,),
            )
            database.execute(
                "INSERT INTO alerts_rejectedrequest (key_id, received_at, why, body) "
                "VALUES (1, '2026-11-20', 'no', ?)",
                (body,),
            )
        database.close()
        assert secret.encode() in (andon.home / "andon.sqlite3").read_bytes()
        andon.run("admin", "migrate", "--verbosity", "0")
        for file in andon.home.rglob("*"):
            assert not file.is_file() or secret.encode() not in file.read_bytes(), file.name
