"""Who may read the metrics, and what `/healthz` says when this process cannot store."""

import asyncio
import ipaddress
import json
from typing import Any

import pytest
from django.db import OperationalError

from andon.core import clock, process, zones
from andon.core.models import StageBeat
from andon.engine import store
from andon.project import probes
from tests.support import factories as make
from tests.support.world import World


def ask(path: str, *, peer: str = "127.0.0.1", **headers: str) -> tuple[int, bytes]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "method": "GET",
        "path": path,
        "client": (peer, 1),
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
    }
    asyncio.run(probes.build(ready=lambda: "")(scope, None, send))
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("192.0.2.7", {}, 403),
        ("10.9.0.1", {}, 200),
        ("", {}, 403),
        # A proxy on this machine that nobody named: whoever asks it is not local.
        ("127.0.0.1", {"x_forwarded_for": "192.0.2.7"}, 403),
        ("127.0.0.1", {"x_forwarded_for": "127.0.0.1"}, 403),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, 403),
        ("10.9.0.1", {"x_real_ip": "10.9.0.1"}, 403),
        # One that is named is believed.
        ("10.0.0.1", {"x_forwarded_for": "192.0.2.7"}, 403),
        ("10.0.0.1", {"x_forwarded_for": "10.9.1.1"}, 200),
        ("10.0.0.1", {"x_forwarded_for": "10.9.1.1, 192.0.2.7"}, 403),
        ("10.0.0.1", {}, 403),
    ],
)
@pytest.mark.database
def test_the_metrics_are_for_this_machine_and_for_whom_the_setting_names(
    transactional_db, settings, peer, headers, status
):
    local = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1"))
    settings.ANDON_METRICS_ALLOW = (*local, ipaddress.ip_network("10.9.0.0/16"))
    settings.ANDON_TRUSTED_PROXIES = (ipaddress.ip_network("10.0.0.1"),)
    found, body = ask("/metrics", peer=peer, **headers)
    assert found == status
    assert (b"andon_process_cannot_store" in body) is (status == 200)
    assert (b"ANDON_METRICS_ALLOW" in body) is (status == 403)


@pytest.mark.database
def test_healthz_is_503_while_this_process_cannot_store_though_all_stages_run(
    transactional_db, monkeypatch
):
    World().engine.cycle()
    _set_beats_to_now()
    status, body = ask("/healthz")
    assert (status, json.loads(body)["time_zones"]) == (200, zones.used().version)

    def full(**_: object) -> None:
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("andon.engine.store.counters.grow", full)
        assert not store.prove()
    try:
        status, body = ask("/healthz")
        document = json.loads(body)
        assert (status, document["healthy"]) == (503, False)
        [trouble] = document["troubles"]
        assert trouble["what"].startswith("Andon fails to write to its database")
        assert trouble["said"].startswith("database or disk is full (last at ")
        assert "said" not in json.loads(ask("/healthz", peer="192.0.2.7")[1])["troubles"][0]
        assert b"andon_process_cannot_store 1.0" in ask("/metrics")[1]
        assert store.prove()
        assert ask("/healthz")[0] == 503  # a full disk lets one write through now and then
    finally:
        monkeypatch.setattr(process, "OVER_AFTER_SECONDS", 0.0)
        assert store.prove()
    assert ask("/healthz")[0] == 200
    assert process.troubles() == ()


def _set_beats_to_now() -> None:
    StageBeat.objects.update(finished_at=clock.now())


@pytest.mark.database
def test_who_only_reads_reads_on_while_nothing_can_be_written(
    transactional_db, client, monkeypatch
):
    """That somebody is still there is written down now and then; it is worth no error."""
    ann = make.person("ann", name="Ann")
    client.force_login(ann, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["began_at"] = session["used_at"] = clock.now().timestamp() - 3600
    session.save()

    def full(*_: object, **__: object) -> None:
        raise OperationalError("database or disk is full")

    try:
        with monkeypatch.context() as patch:
            patch.setattr("django.contrib.sessions.backends.db.SessionStore.save", full)
            answer = client.get("/engine/")
        assert answer.status_code == 200
        assert "fails to write to its database" in answer.content.decode()
        assert "database or disk is full" in answer.content.decode()
    finally:
        monkeypatch.setattr(process, "OVER_AFTER_SECONDS", 0.0)
        process.has_stored()
