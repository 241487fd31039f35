"""`andon drill`: whoever ends it ends the exercise; one that pages nobody says so and ends."""

import json
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from andon.cli.drill import SENT_WITHIN_SECONDS, why_nobody
from andon.core import clock
from andon.paging.models import Page
from andon.paging.types import NotificationState, Told
from tests.support.installation import eventually, installation, mailbox, write_catalogue


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_drill_that_is_ended_leaves_no_alert_and_no_key(
    tmp_path: Path, end: signal.Signals
) -> None:
    write_catalogue(tmp_path / "catalogue", services=1)
    with mailbox() as (_, smtp), installation(tmp_path / "home", smtp_url=smtp) as andon:
        andon.start("up")
        andon.run("apply", str(tmp_path / "catalogue"), "--yes")
        drill = andon.start("drill", "--service", "service-0000", line="paged ")
        drill.popen.send_signal(end)
        assert drill.popen.wait(30) == 128 + end, drill.log.read_text()
        assert andon.rows(
            "select count(*) from alerts_integrationkey where revoked_at is null"
        ) == [(0,)]
        eventually(
            lambda: andon.rows("select state from paging_page") == [("resolved",)],
            what="the page is over",
        )


def test_a_drill_that_pages_nobody_says_why_and_ends(tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    write_catalogue(folder, services=1)
    path = folder / "catalogue.yaml"
    documents = [json.loads(one) for one in path.read_text().split("\n---\n")]
    # Working hours are three days away, whatever day it is, and 99.0% wakes nobody before.
    day = f"{clock.now() + timedelta(days=3):%a}".lower()
    hours = {"timezone": "UTC", "days": [day], "starts": "09:00", "ends": "17:00"}
    documents[0]["spec"]["workingHours"] = hours
    notes = documents[-1]["metadata"]["annotations"]
    notes["andon.dev/availability-target"] = "99.0"
    path.write_text("\n---\n".join(map(json.dumps, documents)))
    with mailbox() as (box, smtp), installation(tmp_path / "home", smtp_url=smtp) as andon:
        andon.start("up")
        andon.run("apply", str(folder), "--yes")
        drill = andon.spawn("drill", "--service", "service-0000")
        assert drill.popen.wait(120) == 3, drill.log.read_text()
        said = drill.log.read_text()
        assert "nobody was paged: " in said
        assert "held until" in said
        assert "alert resolved" in said
        assert box.mails() == []


NOW = clock.now()


def told(state: NotificationState, error: str = "") -> Told:
    return Told(
        page_id=1, uid="u", step=0, purpose="page", kind="email", person=None, destination="d",
        subject="s", state=state, created_at=NOW, sent_at=None, attempts=1, error=error,
        link_used_at=None,
    )  # fmt: skip


SENT, FAILING = told(NotificationState.SENT), told(NotificationState.PENDING, "554 no")


@pytest.mark.parametrize(
    ("state", "quiet", "messages", "waited", "why"),
    [
        (None, "", [], 1, ""),
        (None, "Severity info: recorded, pages nobody", [], 1, "Severity info"),
        ("held", "", [], 1, "because"),
        ("paging", "", [], 1, ""),
        ("paging", "", [FAILING], 1, ""),
        ("paging", "", [SENT, FAILING], 99, ""),
        ("paging", "", [FAILING], 99, "no message could be sent (554 no)"),
        ("unanswered", "", [], 99, "there is nobody to ask"),
        ("paging", "", [told(NotificationState.PENDING)], 99, "no message has left"),
    ],
)
def test_why_nobody_is_called(state, quiet, messages, waited, why) -> None:
    assert SENT_WITHIN_SECONDS < 99
    page = Page(state=state, reason="because") if state else None
    found = why_nobody(page=page, quiet=quiet, told=messages, waited=waited)
    assert found.startswith(why) if why else found == ""
