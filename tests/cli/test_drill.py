"""`andon drill`: whoever ends it ends the exercise, and nothing of it is left."""

import signal
from pathlib import Path

import pytest

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
