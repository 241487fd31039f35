"""kill -9 while sixty webhooks are under way: none is lost, none waits for a lease, few come twice.

At most one message to each destination is on the wire at a time, so at most one may have arrived
without anybody knowing. `ANDON_CHAOS=long` kills eight times instead of twice.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.pagers import pagers, post, prepare
from tests.support import postgres
from tests.support.installation import eventually, installation

pytestmark = [pytest.mark.chaos]

KILLS = 8 if os.environ.get("ANDON_CHAOS") == "long" else 2
WEBHOOKS = 60
#: What must hold is 5 s after the engine is ready; a busy machine is slower.
WITHIN = 12.0


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        yield ""
        return
    with postgres.cluster() as server:
        yield server.url


@pytest.mark.parametrize(("people", "seconds"), [(WEBHOOKS, 0.5), (1, 0.02)])
@pytest.mark.timeout(600)
def test_killed_with_sixty_webhooks_under_way_all_arrive_and_few_twice(
    tmp_path: Path, database_url: str, people: int, seconds: float
) -> None:
    with (
        pagers(people=people, seconds=seconds) as phones,
        installation(tmp_path / "home", database_url=database_url) as andon,
    ):
        services = WEBHOOKS * KILLS
        key = prepare(andon, phones, tmp_path / "catalogue", services=services)
        up = andon.start("up")
        slowest = 0.0
        for kill in range(KILLS):
            before = len(phones.uids())
            assert post(andon, key, range(WEBHOOKS * kill, WEBHOOKS * (kill + 1))) == 202
            some = before + 2 + 2 * kill
            eventually(lambda some=some: len(phones.uids()) >= some, what="some under way")  # type: ignore[misc]
            up.kill()
            assert len(phones.uids()) < WEBHOOKS * (kill + 1), "all were out: nothing was tested"
            up = andon.start("up")
            ready = time.monotonic()
            phones.wait_for(WEBHOOKS * (kill + 1), within=WITHIN, what="every webhook")
            slowest = max(slowest, time.monotonic() - ready)
        # What two crashes hit counts as failed, though it arrived: it is not sent a third time.
        sql = "SELECT count(*) FROM paging_notification WHERE state = 'sending'"
        eventually(lambda: andon.rows(sql)[0][0] == 0, what="all written down")
        repeats = phones.repeats()
        marked = sum(one["marked"] for one in phones.received())
        print(
            f"{KILLS} kills, {people} destinations: all out {slowest:.1f} s after ready, "
            f"{sum(repeats.values())} repeated, {marked} marked"
        )
        phones.check_repeats(crashes=KILLS)
        assert marked <= KILLS * people, "marked though it was never started"
