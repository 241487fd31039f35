"""A real mail server that is at fault for a while, a storm, the running engine: nothing is lost.

Whatever was wrong, once it is mended every page leaves within seconds, once, to the person on call.
"""

import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from django.db import connection

from andon.core import clock
from andon.engine.run import Engine
from andon.integrations.smtp.connection import MailServer
from andon.integrations.smtp.transport import SmtpTransport
from andon.paging.models import Attempt, Page
from andon.people.models import ContactMethod
from tests.support.components import free_port
from tests.support.mail_server import AUTHORITY, Box, mailer
from tests.support.world import World

pytestmark = [
    pytest.mark.database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

PAGES = 40
#: The longest pause between two attempts, a poll, and time for a machine that has other work.
RECOVERY = 30.0


class Outage:
    """A mail server, what is wrong with it, and how that is mended."""

    def __init__(self, stack: ExitStack, box: Box) -> None:
        self._stack = stack
        self.box = box
        self.server = MailServer(host="localhost", port=free_port(), scheme="smtp")
        self.mend: Callable[[], None] = lambda: None

    def run(self, scheme: str = "smtp", **options: object) -> ExitStack:
        """Run the server on its port; the answer ends it."""
        self.server = replace(self.server, scheme=scheme)
        running = self._stack.enter_context(ExitStack())
        running.enter_context(mailer(self.box, scheme, port=self.server.port, **options))
        return running

    def answers(self, **wrong: str) -> None:
        """Let it answer wrongly until it is mended."""
        good = {name: getattr(self.box, name) for name in wrong}
        self.run()

        def say(answers: dict[str, str]) -> None:
            for name, text in answers.items():
                setattr(self.box, name, text)

        say(wrong)
        self.mend = lambda: say(good)


def refuses_the_sender(outage: Outage) -> None:
    outage.answers(mail="554 5.7.1 closed")


def is_over_quota(outage: Outage) -> None:
    outage.answers(mail="452 4.3.1 insufficient system storage")


def takes_no_more_today(outage: Outage) -> None:
    outage.answers(data="552 5.4.5 daily quota exceeded")


def refuses_the_text(outage: Outage) -> None:
    outage.answers(data="554 5.6.0 looks like spam")


def denies_relaying(outage: Outage) -> None:
    outage.answers(rcpt="554 5.7.1 relay access denied")


def refuses_the_password(outage: Outage) -> None:
    outage.run("smtp+starttls", authenticator=outage.box.authenticate, auth_required=True)
    outage.server = replace(outage.server, user="andon", password="right")
    outage.box.opens = False
    outage.mend = lambda: setattr(outage.box, "opens", True)


def has_an_expired_certificate(outage: Outage) -> None:
    running = outage.run("smtp+starttls", expired=True)

    def renew() -> None:
        running.close()
        outage.run("smtp+starttls")

    outage.mend = renew


def is_not_there(outage: Outage) -> None:
    outage.mend = lambda: outage.run() and None


FAULTS = (
    refuses_the_sender,
    is_over_quota,
    takes_no_more_today,
    refuses_the_text,
    denies_relaying,
    refuses_the_password,
    has_an_expired_certificate,
    is_not_there,
)


@pytest.fixture
def outage() -> Iterator[Outage]:
    with ExitStack() as stack:
        yield Outage(stack, Box())


@pytest.fixture
def shop() -> World:
    world = World()
    world.now = clock.now()
    world.team("checkout", members=["ann"])
    world.rota("checkout-rota", ["ann", "ben"], team="checkout")
    for n in range(PAGES):
        world.service(f"s{n:02}", owner="checkout", target="99.9")
    return world


@pytest.fixture
def start() -> Iterator[Callable[[MailServer], Engine]]:
    running: list[Engine] = []

    def begin(server: MailServer) -> Engine:
        context = ssl.create_default_context()
        AUTHORITY.configure_trust(context)
        transport = SmtpTransport(server=server, sender="andon@example.org", context=context)
        engine = Engine(node="t", transports={"email": transport})
        running.append(engine)
        engine.start()
        return engine

    yield begin
    for engine in running:
        engine.stop()
    connection.close()


def until(what: Callable[[], bool], seconds: float) -> float:
    """Wait until something is so, and return for how long; the database is asked now and then."""
    began = time.perf_counter()
    while not what():
        assert time.perf_counter() - began < seconds, "it did not come about"
        time.sleep(0.05)
    return time.perf_counter() - began


def storm(shop: World, engine: Engine) -> None:
    shop.post([shop.alert("firing", service=f"s{n:02}") for n in range(PAGES)])
    engine.wake()


def check(box: Box) -> None:
    """Each page left once, nobody is blamed, and nobody else was woken."""
    about = Counter(str(mail["X-Andon-Page"]) for _, mail, _ in box.mails)
    assert len(about) == PAGES
    assert set(about.values()) == {1}, "each once"
    assert len({to for to, _, _ in box.mails}) == 1, "only the person on call"
    assert not ContactMethod.objects.exclude(fault="").exists()
    assert set(Page.objects.values_list("state", "step")) == {("paging", 1)}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_storm_leaves_within_seconds_once_the_mail_server_is_mended(
    shop: World,
    outage: Outage,
    start: Callable[[MailServer], Engine],
    fault: Callable[[Outage], None],
) -> None:
    fault(outage)
    engine = start(outage.server)
    storm(shop, engine)
    # Pauses grow: one fault is waited for until they are long, the others until the third.
    tries = 6 if fault is refuses_the_sender else 3
    until(lambda: Attempt.objects.count() >= tries, 30)
    assert outage.box.mails == []
    outage.mend()
    first = until(lambda: len(outage.box.mails) >= 1, RECOVERY)
    rest = until(lambda: len(outage.box.mails) >= PAGES, RECOVERY)
    until(lambda: not Page.objects.filter(first_sent_at=None).exists(), 10)
    print(f"{fault.__name__}: the first after {first:.1f} s, all after {first + rest:.1f} s")
    check(outage.box)


def test_five_seconds_of_554_cost_no_page(
    shop: World, outage: Outage, start: Callable[[MailServer], Engine]
) -> None:
    refuses_the_sender(outage)
    engine = start(outage.server)
    storm(shop, engine)
    began = time.perf_counter()
    until(lambda: time.perf_counter() - began > 5, 6)
    outage.mend()
    until(lambda: len(outage.box.mails) >= PAGES, RECOVERY)
    until(lambda: not Page.objects.filter(first_sent_at=None).exists(), 10)
    check(outage.box)


def test_a_server_that_takes_two_connections_takes_a_storm(
    shop: World, outage: Outage, start: Callable[[MailServer], Engine]
) -> None:
    """Threads that find no connection wait for those that have one, instead of failing."""
    for n in range(PAGES):
        person = shop.person(f"p{n:02}")
        team = shop.team(f"t{n:02}", members=[person.slug])
        shop.service(f"many-{n:02}", owner=team.slug)
    outage.box.limit = 2
    outage.run()
    engine = start(outage.server)
    shop.post([shop.alert("firing", service=f"many-{n:02}") for n in range(PAGES)])
    engine.wake()
    took = until(lambda: len(outage.box.mails) >= PAGES, RECOVERY)
    until(lambda: not Page.objects.filter(first_sent_at=None).exists(), 10)
    print(f"two connections: {PAGES} mails in {took:.1f} s, {outage.box.refused} refused")
    assert Counter(to for to, _, _ in outage.box.mails).most_common(1)[0][1] == 1
    assert outage.box.refused < PAGES, "a connection that is refused is not asked for again at once"
