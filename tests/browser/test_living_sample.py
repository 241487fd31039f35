"""Every page of the living sample, as each of its people: it fits, is accessible and is true.

The addresses are the portal's own map: a page that is added without an object here fails. Phones
are real ones (`tests/support/phone.py`). Without ANDON_BROWSER_MATRIX=all axe looks at each page
once per theme, as the administrator, and everybody else reads at a phone.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from itertools import product
from typing import Any
from uuid import UUID

import httpx2
import pytest
from playwright.sync_api import Browser, Page

from andon.web.portal.urls import urlpatterns
from tests.browser.test_portal import violations
from tests.support import phone
from tests.support.living import PEOPLE, Living

pytestmark = pytest.mark.browser

WHOLE = os.environ.get("ANDON_BROWSER_MATRIX") == "all"
STRANGER = ""
#: The same desk for everybody.
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
#: Asked for by POST alone: forms of the pages below.
FORMS = frozenset(
    {
        "sign-out", "incident-act", "override-add", "override-cancel", "rota-feed", "my-test",
        "rota-feed-revoke", "my-feed", "my-feed-revoke", "key-revoke", "api-key-revoke",
    }
)  # fmt: skip
#: Pages for everybody, without a person's own link.
PUBLIC = {"sign-in": "/sign-in/", "ask-link": "/sign-in/link/"}
#: Links that work for nobody, or no more, with what they answer; and no page at all.
DEAD = {
    "use-link": "/sign-in/link/made-up/",
    "set-up": "/set-up/made-up/",
    "acknowledge": "/a/made-up/",
    "look": "/look/made-up/",
    "": "/no-such-page/",
}
#: Pages that are not for everybody.
MAY_NOT = {"/keys/": ("ben", "priya", "rowan"), "/people/ben/pay/": ("rowan",)}
#: A file for calendars, read by programs.
FILES = {"calendar": "/calendars/made-up.ics"}
#: What no page may say, and where it is no fault.
UNTRUE = {
    "a template showed": r"\bNone\b(?!\.$| in )|\bnan\b|\{\{|\{%|Traceback|datetime\.",
    "budgets are read": r"No budget can be read yet|It has not been read yet",
    "mail works here": r"Mail does not work|nobody can be told",
    "the engine is well": r"needs? a look: paging|TypeError",
    "never counted": r"Alerts so far",
    "a title of a part": r"^Cover of ",
    "times are the reader's": r"\d\d:\d\d UTC",
    "an exercise is no loss": r"(?i:exercise)\n(?:[^\n]*\n){1,3}[^\n]*lost so far",
    "no share of a loss": r"[-\u2212]\d,\d{3}(\.\d)?%",
}


@dataclass
class Reader:
    """Somebody at a browser of one kind, and what was wrong with what they saw."""

    who: str
    device: str
    theme: str
    page: Page
    faults: list[str] = field(default_factory=list)

    @property
    def is_examined(self) -> bool:
        """Return whether axe looks at what they see."""
        one_of_each = (self.device, self.theme) in (("phone", "light"), ("desk", "dark"))
        return WHOLE or (self.who == "admin" and one_of_each)

    def read(self, url: str, *, status: int = 200) -> None:
        """Open a page and note what is wrong with it."""
        answer = self.page.goto(url)
        assert answer is not None
        if answer.status != status:
            self.fault(f"answered {answer.status}")
        if self.device == "phone":
            for part in phone.sideways(self.page):
                self.fault(f"scrolls sideways: {part}")
        said = self.page.locator("body").inner_text()
        for why, untrue in UNTRUE.items():
            if found := re.search(untrue, said, re.MULTILINE):
                self.fault(f"says {found[0]!r} ({why})")
        if "Sample data." not in said:
            self.fault("does not say that it is a sample")
        if self.is_examined:
            self.faults += violations(self.page)

    def fault(self, what: str) -> None:
        who = self.who or "a stranger"
        self.faults.append(f"{self.page.url} as {who} at a {self.device}, {self.theme}: {what}")


def addresses(sample: Living) -> dict[str, list[str]]:
    """Return the addresses of every page, by the name of its route: objects in each state."""
    numbers = sample.all(
        "SELECT max(number) FROM incidents_incident GROUP BY state, kind, severity"
    )
    domains = sample.all("SELECT slug FROM catalogue_domain ORDER BY slug")
    services = ["checkout", "product", "fulfilment-4", "stock-3", "stock-4"]
    page = UUID(sample.one("SELECT uid FROM paging_page ORDER BY id DESC LIMIT 1"))
    return {
        "home": ["/"],
        **{name: [path] for name, path in PUBLIC.items()},
        "acknowledge": [sample.link],
        "search": ["/search/?q=payment", "/search/?q=chekout", "/search/"],
        "services": ["/services/", "/services/?q=no-such-thing"],
        "service": [f"/services/{slug}/" for slug in services],
        "service-cover": [f"/services/{slug}/cover/" for slug in services[:4]],
        "service-budget": [f"/services/{slug}/budget/" for slug in services[1:4]],
        "incidents": ["/incidents/", "/incidents/?state=restored", "/incidents/?q=labels"],
        "incident": [f"/incidents/INC-{number}/" for number in numbers],
        "page": [f"/p/{page}/"],
        "rotas": ["/rotas/"],
        "rota": [f"/rotas/{slug}/" for slug in ("checkout", "fulfilment", "stock-1")],
        "teams": ["/teams/"],
        "team": ["/teams/checkout/", "/teams/incident-managers/"],
        "domains": ["/domains/"],
        "domain": [f"/domains/{slug}/" for slug in domains],
        "people": ["/people/"],
        "person": ["/people/ben/", "/people/priya/"],
        "me": ["/people/me/"],
        "password": ["/people/me/password/"],
        "api-keys": ["/people/me/keys/"],
        "portfolio": ["/portfolio/"],
        "costs": ["/costs/", "/costs/?when=2026-09&by=service"],
        "postings": ["/costs/postings/"],
        "payroll": ["/costs/payroll/"],
        "pay": ["/people/ben/pay/"],
        "forecast": ["/planning/forecast/"],
        "planner": ["/planner/", "/planner/?service=checkout&cover=none"],
        "reviews": ["/reviews/"],
        "proposal": proposals(sample),
        "telemetry": ["/telemetry/"],
        "budgets": ["/budgets/", "/budgets/?state=exhausted"],
        "gaps": ["/gaps/"],
        "engine": ["/engine/"],
        "keys": ["/keys/"],
    }


def proposals(sample: Living) -> list[str]:
    """Return the pages of what the review proposes, as its own page links to them."""
    with signed_in(sample, "admin") as client:
        return sorted(set(re.findall(r"/reviews/[\w-]+/[\w-]+/", client.get("/reviews/").text)))[:2]


@contextmanager
def signed_in(sample: Living, who: str) -> Iterator[httpx2.Client]:
    """Yield a client without a browser, signed in as somebody."""
    with httpx2.Client(base_url=sample.url, timeout=30, follow_redirects=False) as client:
        form = client.get("/sign-in/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
        assert token is not None
        body = {"csrfmiddlewaretoken": token[1], "username": who, "password": sample.password}
        answer = client.post("/sign-in/", data=body, headers={"referer": f"{sample.url}/sign-in/"})
        assert answer.status_code == 302, answer.text[:500]
        yield client


def cookies_of(client: httpx2.Client, url: str) -> list[dict[str, Any]]:
    """Return what a browser needs to be whom a client is signed in as."""
    return [{"name": one.name, "value": one.value, "url": url} for one in client.cookies.jar]


@pytest.fixture(scope="module")
def cookies(sample: Living) -> dict[str, list[dict[str, Any]]]:
    """Sign everybody in once; what a browser needs to be them."""
    found: dict[str, list[dict[str, Any]]] = {STRANGER: []}
    for who in PEOPLE:
        with signed_in(sample, who) as client:
            found[who] = cookies_of(client, sample.url)
    return found


@pytest.fixture(scope="module")
def pages(sample: Living) -> dict[str, list[str]]:
    return addresses(sample)


def readers() -> Iterator[tuple[str, str, str]]:
    """Yield who reads at what: everybody at a phone, the administrator at a desk as well."""
    for who, device, theme in product((*PEOPLE, STRANGER), ("phone", "desk"), ("light", "dark")):
        usual = (device, theme) == ("phone", "dark" if who in ("ben", "rowan") else "light")
        if WHOLE or usual or (who, device, theme) == ("admin", "desk", "dark"):
            yield who, device, theme


def test_every_address_of_the_portal_is_visited(pages: dict[str, list[str]]) -> None:
    """A page that is added to the portal has to be added here, with an object for it."""
    named = {one.name for one in urlpatterns if one.name}
    known = set(pages) | FORMS | set(FILES) | set(DEAD) - {""}
    assert named - known == set(), "nobody looks at these pages"
    assert known - named == set(), "these are gone"
    assert all(pages.values()), {name for name, found in pages.items() if not found}


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ("a template showed", "Owner: None, at risk nan"),
        ("budgets are read", "It has not been read yet."),
        ("mail works here", "Mail does not work: nobody is reached"),
        ("the engine is well", "1 of 10 stages need a look: paging may be late."),
        ("never counted", "Alerts so far: 3"),
        ("a title of a part", "Checkout\nCover of Checkout"),
        ("times are the reader's", "held until 2026-11-30 09:00 UTC"),
        ("an exercise is no loss", "Exercise\nOpen\ncheckout is down\nGBP 3,584 lost so far"),
        ("no share of a loss", "loss protection \u22121,181%"),
    ],
)
def test_what_is_untrue_would_be_seen(why: str, sentence: str) -> None:
    assert UNTRUE.keys() >= {why}
    assert re.search(UNTRUE[why], sentence, re.MULTILINE)
    assert not re.search(UNTRUE[why], "Teams\nNone.\nNone in the next five weeks.", re.MULTILINE)


def test_a_form_is_no_page_and_a_dead_link_says_so(sample: Living) -> None:
    with signed_in(sample, "admin") as client:
        for name in FORMS:
            [path] = [one.pattern._route for one in urlpatterns if one.name == name]
            filled = re.sub(r"<int:\w+>", "1", path)
            filled = re.sub(r"<incident:\w+>", "INC-1", re.sub(r"<slug:\w+>", "checkout", filled))
            assert client.get(f"/{filled}").status_code == 405, name
        for path in FILES.values():
            assert client.get(path).status_code == 404, path
    with httpx2.Client(base_url=sample.url, timeout=30) as nobody:
        for path in ("/", "/incidents/", "/incidents/INC-1/", "/people/ben/pay/", "/costs/"):
            answer = nobody.get(path)
            assert answer.status_code == 302, path
            assert answer.headers["location"].startswith("/sign-in/"), path


def test_the_first_page_and_the_books_are_true_on_a_friday_night(sample: Living) -> None:
    names = dict(sample.andon.rows("SELECT title, covers FROM catalogue_rota"))
    with signed_in(sample, "rowan") as client:
        now, books = (_words(client.get(path).text) for path in ("/", "/costs/"))
    on_call = now.partition("On call now")[2].partition("Engine")[0]
    for title, covers in names.items():
        said = on_call.partition(title)[2].lstrip()
        is_nobody = said.startswith("Nobody until Mon 30 Nov, 09:00 GMT")
        assert is_nobody is (covers == "working-hours"), f"{title} ({covers}): {said[:80]}"
    assert "on fire" not in now, "one is acknowledged, one is held, one is an exercise"
    assert now.count("Markdowns reached 12 of 41 shops") == 1, "held is listed once"
    [exercise] = sample.all(
        "SELECT number FROM incidents_incident WHERE kind = 'exercise' AND restored_at IS NULL"
    )
    assert f"INC-{exercise}" in now
    assert f"INC-{exercise}" not in books, "an exercise is in no book"
    assert "GBP" in books
    pennies = re.findall(r"GBP [\d,]+\.\d\d(?! million)", now + books)
    assert not pennies, "pennies are for the working"


def _words(html: str) -> str:
    """Return what a page says, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def seat(
    sample: Living,
    chromium: Browser,
    cookies: list[dict[str, Any]],
    *,
    who: str,
    device: str,
    theme: str,
) -> Reader:
    """Return somebody at a browser of their own whose console is heard."""
    size = phone.context() if device == "phone" else DESK
    context = chromium.new_context(color_scheme=theme, reduced_motion="reduce", **size)  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    if cookies:
        context.add_cookies(cookies)  # type: ignore[arg-type]
    reader = Reader(who, device, theme, context.new_page())
    dead = {sample.url + path for path in DEAD.values()}
    reader.page.on(
        "console",
        lambda said: None if reader.page.url in dead else reader.fault(f"console: {said.text}"),
    )
    reader.page.on("pageerror", lambda error: reader.fault(f"error: {error}"))
    return reader


@pytest.mark.parametrize(("who", "device", "theme"), list(readers()))
def test_every_page_fits_is_accessible_and_true(
    sample: Living,
    pages: dict[str, list[str]],
    cookies: dict[str, list[dict[str, Any]]],
    chromium: Browser,
    who: str,
    device: str,
    theme: str,
) -> None:
    reader = seat(sample, chromium, cookies[who], who=who, device=device, theme=theme)
    public = {*PUBLIC.values(), sample.link}
    for path in [one for found in pages.values() for one in found]:
        if not who and path not in public:
            continue
        if who in MAY_NOT.get(path, ()):
            with signed_in(sample, who) as client:
                assert client.get(path).status_code == 403, path
        else:
            reader.read(sample.url + path)
    for path in DEAD.values():
        if who or path != "/no-such-page/":
            reader.read(sample.url + path, status=404)
    reader.page.context.close()
    assert not reader.faults, "\n".join(reader.faults)


def test_whoever_was_paged_acknowledges_on_a_phone_and_reads_the_incident(
    sample: Living, chromium: Browser
) -> None:
    """Last in this file: from then on nobody waits."""
    reader = seat(sample, chromium, [], who=STRANGER, device="phone", theme="dark")
    reader.read(sample.url + sample.link)
    reader.page.get_by_role("button", name="Acknowledge").click()
    reader.page.wait_for_load_state()
    reader.faults += violations(reader.page)
    look = reader.page.locator("a[href*='/look/']").first.get_attribute("href")
    assert look is not None
    reader.read(look if look.startswith("http") else sample.url + look)
    reader.faults += violations(reader.page)
    reader.page.context.close()
    assert not reader.faults, "\n".join(reader.faults)
