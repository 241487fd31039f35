"""The steel thread on real components: an outage pages the right person and ends as an incident.

exporter -> VictoriaMetrics -> vmalert -> Alertmanager -> Andon -> SMTP, all real, on loopback.
"""

import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.installation import (
    Installation,
    Mailbox,
    eventually,
    installation,
    mailbox,
    text_of,
)
from tests.support.telemetry import pipeline

pytestmark = [pytest.mark.components]

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "fruits-r-us"


def prepare(andon: Installation) -> tuple[str, str]:
    """Apply the sample organisation and start; return keys for Alertmanager and the API."""
    andon.run("admin", "migrate", "--verbosity", "0")
    andon.run("apply", str(SAMPLE), "--yes")
    hook_key, api_key = andon.key("alertmanager"), andon.key("api", "--organisation")
    andon.start("up")
    return hook_key, api_key


def on_call(andon: Installation, service: str, *, key: str) -> str:
    """Ask the API who answers for a service now; return the slug of the person."""
    return str(andon.api(f"services/{service}", key=key)["on_call"]["person"]["slug"])


def first_page(box: Mailbox) -> EmailMessage:
    def page() -> EmailMessage | None:
        return next(iter(box.mails(subject="checkout")), None)

    return eventually(page, what="the page in the mailbox", patience=90)


def ack_link(mail: EmailMessage) -> str:
    found = re.search(r"https?://\S+/a/\S+/", text_of(mail))
    assert found, f"no acknowledge link in: {text_of(mail)}"
    return found.group(0)


def press_acknowledge(link: str) -> None:
    """Open the link as a phone would, then press the page's one button."""
    with httpx2.Client(follow_redirects=True, timeout=20) as browser:
        page = browser.get(link)
        assert page.status_code == 200
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        data = {"csrfmiddlewaretoken": token.group(1)} if token else {}
        pressed = browser.post(link, data=data, headers={"referer": link})
        assert pressed.status_code == 200, pressed.text[:500]


def only_incident(andon: Installation, *, key: str) -> dict[str, Any] | None:
    items = andon.api("incidents", key=key)["items"]
    assert len(items) <= 1, f"one outage made {len(items)} incidents"
    return items[0] if items else None


def in_state(andon: Installation, state: str, *, key: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        incident = only_incident(andon, key=key)
        return incident if incident and incident["state"] == state else None

    return eventually(look, what=f"the incident {state}", patience=90)


def test_an_outage_pages_the_right_person_and_recovery_restores_the_incident(
    tmp_path: Path,
) -> None:
    with (
        mailbox() as (box, smtp_url),
        installation(tmp_path / "home", smtp_url=smtp_url) as andon,
    ):
        hook_key, api_key = prepare(andon)
        hook = f"{andon.url}/hooks/alertmanager/"
        with pipeline(tmp_path / "p", service="checkout", hook=hook, key=hook_key) as telemetry:
            assert not box.mails(), "somebody was paged although nothing was wrong"
            telemetry.exporter.set_broken(True)
            mail = first_page(box)
            assert mail["to"] == f"{on_call(andon, 'checkout', key=api_key)}@fruits.example"
            assert "runbooks" in text_of(mail)
            assert "GBP" in text_of(mail), "no money at risk in the page"
            link = ack_link(mail)
            httpx2.get(link).raise_for_status()
            assert in_state(andon, "open", key=api_key), "a GET acknowledged the page"
            press_acknowledge(link)
            acknowledged = in_state(andon, "acknowledged", key=api_key)
            assert acknowledged["acknowledged_by"]
            telemetry.exporter.set_broken(False)
            restored = in_state(andon, "restored", key=api_key)
        assert restored["figures"]["time_to_restore"] > 0
        assert restored["figures"]["loss"]["minor"] > 0
        assert andon.rows("SELECT count(*) FROM paging_page") == [(1,)]


def test_r30_two_alertmanagers_in_a_cluster_make_one_incident_and_one_page(
    tmp_path: Path,
) -> None:
    with (
        mailbox() as (box, smtp_url),
        installation(tmp_path / "home", smtp_url=smtp_url) as andon,
    ):
        hook_key, api_key = prepare(andon)
        hook = f"{andon.url}/hooks/alertmanager/"
        with pipeline(
            tmp_path / "p", service="checkout", hook=hook, key=hook_key, alertmanagers=2
        ) as telemetry:
            telemetry.exporter.set_broken(True)
            press_acknowledge(ack_link(first_page(box)))
            for url in telemetry.alertmanagers:
                eventually(
                    lambda url=url: httpx2.get(f"{url}/api/v2/alerts").json(),  # type: ignore[misc]
                    what=f"the alert at {url}",
                )
            telemetry.exporter.set_broken(False)
            in_state(andon, "restored", key=api_key)
        assert andon.rows("SELECT count(*) FROM paging_page") == [(1,)]
        assert andon.rows("SELECT count(*) FROM alerts_alert") == [(1,)]
        pages = [m for m in box.mails(subject="checkout") if "/a/" in text_of(m)]
        assert len(pages) == 1
