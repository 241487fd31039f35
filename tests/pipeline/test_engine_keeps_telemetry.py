"""The running engine: generated files in force in real tools, and alerts found without webhooks."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from andon.core import clock
from tests.support import components
from tests.support.installation import Installation, eventually, installation, mailbox

pytestmark = [pytest.mark.components]

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "fruits-r-us"
LABELS = {"alertname": "SloPageFast", "service": "checkout", "severity": "page", "slo": "checkout"}
FIRST = "route: {receiver: andon}\nreceivers: [{name: andon}]\n"


def asked(url: str, path: str) -> Any:
    return httpx2.get(f"{url}{path}", trust_env=False).json()


def outcomes(andon: Installation) -> list[tuple[Any, ...]]:
    return list(andon.rows("SELECT outcome FROM telemetry_rollout ORDER BY id"))


def post(url: str, *, ends: timedelta) -> None:
    body = [{"labels": LABELS, "endsAt": (clock.now() + ends).isoformat()}]
    httpx2.post(f"{url}/api/v2/alerts", json=body, trust_env=False).raise_for_status()


def states(andon: Installation) -> list[tuple[Any, ...]]:
    return list(andon.rows("SELECT state FROM alerts_alert ORDER BY id"))


def test_the_engine_brings_files_into_force_and_finds_what_no_webhook_brings(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "telemetry"
    with (
        mailbox() as (box, smtp_url),
        components.alertmanager(tmp_path, config=FIRST) as am,
        components.victoria_metrics(tmp_path) as vm,
        components.vmalert(
            tmp_path, metrics=vm.url, files=f"{folder}/current/vmalert/rules/*.yml"
        ) as vmalert,
        installation(tmp_path / "home", smtp_url=smtp_url) as andon,
    ):
        config = tmp_path / f"alertmanager-{am.port}" / "alertmanager.yml"
        config.unlink()
        config.symlink_to(folder / "current/alertmanager/alertmanager.yml")
        andon.environ |= {
            "ANDON_TELEMETRY_DIR": str(folder),
            "ANDON_VMALERT_URL": vmalert.url,
            "ANDON_ALERTMANAGER_URL": am.url,
            # Where its webhooks go: nowhere.
            "ANDON_URL": f"http://127.0.0.1:{components.free_port()}",
        }
        andon.run("admin", "migrate", "--verbosity", "0")
        andon.run("apply", str(SAMPLE), "--yes")
        andon.key("alertmanager")
        andon.start("up")
        eventually(lambda: outcomes(andon) == [("applied",)], what="the rollout", patience=90)
        groups = asked(vmalert.url, "/api/v1/rules")["data"]["groups"]
        assert any(group["name"] == "andon-checkout-fast" for group in groups)
        original = asked(am.url, "/api/v2/status")["config"]["original"]
        assert "andon-config-" in original
        post(am.url, ends=timedelta(hours=1))
        eventually(lambda: states(andon) == [("open",)], what="the alert, by asking")
        eventually(lambda: box.mails(subject="heckout"), what="the page")
        beats = andon.rows("SELECT stage, failures, error FROM core_stagebeat")
        assert {("telemetry", 0, ""), ("reconcile_alertmanager", 0, "")} <= set(beats)
