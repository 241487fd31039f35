"""A database that answers a hundred times slower than usual: late, said, and nothing lost."""

import time
from pathlib import Path

import pytest

from tests.chaos.pagers import pagers, post, prepare
from tests.support import postgres
from tests.support.installation import eventually, installation, mailbox
from tests.support.proxy import proxy

pytestmark = pytest.mark.chaos

PAGES = 6
#: A question takes 0.3 s; on loopback it takes less than 3 ms.
LAG = 0.15


@pytest.mark.timeout(300)
def test_r02_slow_database_delays_but_never_drops(tmp_path: Path) -> None:
    with (
        postgres.cluster() as server,
        proxy(to_port=server.port) as wire,
        mailbox() as (box, smtp),
        pagers(people=2, seconds=0.0) as people,
        installation(
            tmp_path / "home",
            database_url=server.url.replace(f":{server.port}/", f":{wire.port}/"),
            smtp_url=smtp,
        ) as andon,
    ):
        key = prepare(andon, people, tmp_path / "catalogue", services=PAGES)
        andon.start("up")
        wire.lag = LAG
        began = time.monotonic()
        accepted = [n for n in range(PAGES) if post(andon, key, range(n, n + 1), timeout=30) == 202]
        answered = time.monotonic() - began
        assert len(accepted) == PAGES, "slow is no reason to refuse"
        people.wait_for(PAGES, within=150, what="every page, late")
        paged = time.monotonic() - began
        eventually(
            lambda: box.mails(subject="Andon itself is in trouble"), what="an alarm", patience=120
        )
        wire.lag = 0.0
        print(f"{PAGES} alerts answered after {answered:.1f} s, the last page after {paged:.1f} s")
        people.check_repeats()
