"""A process that freezes, or is cut off from the database, holds nobody up and does no harm.

SIGSTOP is what a paused machine or a long swap looks like: its connections stay open and its locks
stay taken until the server ends its transaction. Nothing here is a kill.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.chaos.pagers import Pagers, held, pagers, post, prepare, waits_for_a_lock
from tests.support import postgres
from tests.support.installation import Installation, Process, eventually, installation
from tests.support.proxy import Proxy, proxy

pytestmark = [pytest.mark.chaos]

PAGES = 40
#: What must hold is 5 s; a machine that runs other tests beside these is slower.
WITHIN = 10.0
SERVICES = 8 * PAGES
ENGINE = "engine is running"


class Site:
    """A web and two engines on one PostgreSQL; one engine reaches it by a proxy that can be cut."""

    def __init__(self, andon: Installation, far: Installation, pagers: Pagers, wire: Proxy) -> None:
        self.andon, self.far, self.pagers, self.wire = andon, far, pagers, wire
        self.url = andon.database_url
        self.key = ""
        self.engines: list[Process] = []
        self.posted = self.due = 0

    def start(self, *, engines: int = 2, seconds: float = 0.0) -> None:
        """Start engines, the one behind the proxy first; let receivers take so long to answer."""
        self.pagers.seconds = seconds
        for place in (self.far, self.andon)[:engines]:
            self.engines.append(place.start("engine", line=ENGINE))

    def alert(self, count: int) -> None:
        """Post alerts of so many services that had none."""
        services = range(self.posted, self.posted + count)
        self.posted += count
        self.due += count
        assert post(self.andon, self.key, services) == 202

    def escalate(self) -> None:
        """Let the next step of every page be due now."""
        self.due += PAGES
        self.andon.execute("UPDATE paging_page SET next_at = now() WHERE state = 'paging'")

    def waiting(self) -> Process:
        """Return the engine that waits for a lock inside a transaction."""
        found: list[Process] = []

        def look() -> bool:
            found.extend(e for e in self.engines if waits_for_a_lock(self.url, e.popen.pid))
            return bool(found)

        eventually(look, what="an engine that waits for a lock")
        return found[0]

    def all_out(self, *, what: str, within: float = WITHIN) -> None:
        """Wait until every message so far has left, and say how long that took."""
        began = time.monotonic()
        eventually(self._is_all_out, what=f"every page ({what})", patience=within)
        print(f"{what}: the last page after {time.monotonic() - began:.1f} s")

    def _is_all_out(self) -> bool:
        [(sent, other)] = self.andon.rows(
            "SELECT count(*) FILTER (WHERE state = 'sent'), count(*) FILTER (WHERE state <> 'sent')"
            " FROM paging_notification WHERE purpose = 'page'"
        )
        return bool(sent >= self.due and not other)

    def works_alone(self, engine: Process) -> None:
        """Assert that this engine sends a page with no other there to help."""
        for other in self.engines:
            if other is not engine:
                other.kill()
        self.alert(1)
        self.all_out(what="an engine that is back, alone", within=45)

    def end(self) -> None:
        """End the engines of one test; every page of it has been taken."""
        for engine in self.engines:
            if engine.popen.poll() is None:
                engine.thaw()
                engine.kill()
        self.engines.clear()
        self.andon.execute("UPDATE paging_page SET state = 'acknowledged', next_at = NULL")
        self.wire.heal()
        self.pagers.forget()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("frozen")
    with ExitStack() as stack:
        server = stack.enter_context(postgres.cluster())
        wire = stack.enter_context(proxy(to_port=server.port))
        far_url = server.url.replace(f":{server.port}/", f":{wire.port}/")
        andon = stack.enter_context(installation(folder / "home", database_url=server.url))
        far = stack.enter_context(installation(folder / "far", database_url=far_url))
        people = stack.enter_context(pagers(people=PAGES, seconds=0.0))
        made = Site(andon, far, people, wire)
        made.key = prepare(andon, people, folder / "catalogue", services=SERVICES)
        far.environ |= andon.environ
        far.environ["ANDON_SECRET_KEY"] = (folder / "home" / "secret_key").read_text()
        andon.start("web")
        yield made


@pytest.fixture
def here(place: Site) -> Iterator[Site]:
    yield place
    place.end()


def test_a_page_whose_engine_froze_while_sending_is_taken_over(here: Site) -> None:
    here.start(seconds=0.4)
    here.alert(PAGES)
    eventually(lambda: len(here.pagers.uids()) >= 5, what="the first pages")
    frozen = here.engines[0]
    frozen.freeze()
    here.all_out(what="frozen while sending")
    frozen.thaw()
    here.works_alone(frozen)
    here.pagers.check_repeats()


@pytest.mark.parametrize("point", ["routing", "escalation"])
def test_a_transaction_of_a_frozen_engine_holds_nobody_up(here: Site, point: str) -> None:
    """It is frozen where it has locked rows and written others, which nobody else can see."""
    here.start()
    if point == "escalation":
        here.alert(PAGES)
        here.all_out(what="the first step")
    with held(here.url, "LOCK TABLE paging_notification IN EXCLUSIVE MODE"):
        if point == "escalation":
            here.escalate()
        else:
            here.alert(PAGES)
        frozen = here.waiting()
        frozen.freeze()
    here.all_out(what=f"frozen in {point}")
    frozen.thaw()
    here.works_alone(frozen)
    here.pagers.check_repeats()


def test_a_transaction_of_a_frozen_web_keeps_no_other_from_storing(here: Site) -> None:
    here.start(engines=1)
    here.alert(1)
    here.all_out(what="the alert that both will write to")
    web = here.far.start("web")
    same = range(here.posted - 1, here.posted)
    outcome: list[BaseException | int] = []

    def send() -> None:
        try:
            outcome.append(post(here.far, here.key, same, status="resolved", timeout=60))
        except Exception as error:  # noqa: BLE001 - it is told
            outcome.append(error)

    row = f"SELECT 1 FROM alerts_alert WHERE dedup_key = 'alert-{same[0]}' FOR UPDATE"
    with held(here.url, row):
        sender = threading.Thread(target=send)
        sender.start()
        eventually(lambda: waits_for_a_lock(here.url, web.popen.pid), what="an intake that waits")
        web.freeze()
    began = time.monotonic()
    assert post(here.andon, here.key, same, status="resolved", timeout=WITHIN) == 202
    took = time.monotonic() - began
    print(f"frozen web: another wrote to the same alert after {took:.1f} s")
    assert took > 0.5, "the frozen one held nothing: nothing was tested"
    web.thaw()
    sender.join(60)
    assert not sender.is_alive()
    assert outcome[0] in (202, 503), "its sender is answered when the frozen one goes on"
    web.kill()


def test_an_engine_cut_off_from_the_database_is_taken_over(here: Site) -> None:
    """The proxy takes every byte and forwards none: neither side hears that the other is gone."""
    here.start()
    with held(here.url, "LOCK TABLE paging_notification IN EXCLUSIVE MODE"):
        here.alert(PAGES)
        here.waiting()
        here.wire.swallow()
    here.all_out(what="cut off")
    here.wire.heal()
    here.works_alone(here.engines[0])
    here.pagers.check_repeats()


def test_a_connection_closed_in_a_transaction_costs_seconds(here: Site) -> None:
    here.start(engines=1)
    with held(here.url, "LOCK TABLE paging_notification IN EXCLUSIVE MODE"):
        here.alert(PAGES)
        here.waiting()
        here.wire.cut()
    here.all_out(what="closed in a transaction")
    here.pagers.check_repeats()


def test_a_slow_transport_that_lives_is_not_doubled(here: Site) -> None:
    """Sending takes longer than two leases; the other engine looks on."""
    here.start(seconds=7.0)
    here.alert(4)
    here.all_out(what="slow receivers", within=60)
    assert len(here.pagers.received()) == 4
