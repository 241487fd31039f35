"""PostgreSQL goes away and comes back: Andon says so meanwhile, and pages within seconds of it.

An everyday run takes the server away for 20 s, which a delay that doubles would prolong by more
than what is allowed here. `ANDON_CHAOS=long` takes it away for 45 and 72 s.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.chaos.pagers import pagers, post, prepare
from tests.support import postgres
from tests.support.installation import Installation, eventually, installation, mailbox

pytestmark = [pytest.mark.chaos]

LONG = os.environ.get("ANDON_CHAOS") == "long"
AWAY = (45, 72) if LONG else (20,)
#: What must hold is within a second, and within seconds; a busy machine is slower.
STORED_WITHIN, PAGED_WITHIN = 4.0, 8.0


@pytest.fixture
def server() -> Iterator[postgres.Cluster]:
    with postgres.cluster() as made:
        yield made


def try_to_post(andon: Installation, key: str, services: range) -> int:
    """Return the status, and how long it took."""
    try:
        return post(andon, key, services, timeout=15)
    except httpx2.HTTPError:
        return 0


@pytest.mark.parametrize("seconds", AWAY)
@pytest.mark.timeout(300)
def test_the_first_page_leaves_within_seconds_of_an_outage(
    tmp_path: Path, server: postgres.Cluster, seconds: int
) -> None:
    with (
        pagers(people=4, seconds=0.0) as people,
        # For the fallback contact: without a way to them Andon is not well.
        mailbox() as (_, smtp_url),
        installation(tmp_path / "home", database_url=server.url, smtp_url=smtp_url) as andon,
    ):
        key = prepare(andon, people, tmp_path / "catalogue", services=4)
        andon.start("web")
        andon.start("engine", line="engine is running")
        assert post(andon, key, range(1)) == 202
        people.wait_for(1, within=30, what="a page before the outage")
        server.stop(how=signal.SIGINT)
        gone = time.monotonic()
        health = eventually(
            lambda: (h := httpx2.get(f"{andon.url}/healthz", timeout=15)).status_code == 503 and h,
            what="health that says so",
        )
        assert health.json()["database"] != "ok"
        slowest = 0.0
        while time.monotonic() - gone < seconds:
            began = time.monotonic()
            assert try_to_post(andon, key, range(1, 2)) == 503
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(1.0)
        server.start()
        back = time.monotonic()
        eventually(
            lambda: try_to_post(andon, key, range(1, 2)) == 202,
            what="the first alert stored",
            patience=STORED_WITHIN,
        )
        stored = time.monotonic() - back
        people.wait_for(2, within=PAGED_WITHIN, what="the first page")
        paged = time.monotonic() - back
        print(
            f"away for {seconds} s: refused within {slowest:.1f} s meanwhile, stored after "
            f"{stored:.1f} s, paged after {paged:.1f} s"
        )
        eventually(
            lambda: httpx2.get(f"{andon.url}/healthz", timeout=15).status_code == 200,
            what="health again",
        )
        people.check_repeats(crashes=0)
