"""A real Chromium before a real server, with a shop in trouble behind it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from andon.core import clock
from tests.support import clocks, factories, phone, scenery
from tests.support.living import Living, living

#: A Friday at 14:20: the scene's override two days on stands in the calendar's last column, where
#: a phone's page ends.
AT = datetime(2026, 11, 27, 14, 20, tzinfo=UTC)
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Visitor:
    """A person at a browser. Whatever the console said against a page is kept in `complaints`."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def sign_in(self, name: str) -> None:
        self.open("/sign-in/")
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(factories.PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(self.base + "/")

    def hear(self, message: ConsoleMessage) -> None:
        self.complaints.append(f"{self.page.url}: {message.type}: {message.text}")


@pytest.fixture(scope="session", autouse=True)
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give WhiteNoise the folder it warns about when it is missing."""
    with override_settings(STATIC_ROOT=str(tmp_path_factory.mktemp("static"))):
        yield


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip("Chromium is not installed")
    # Playwright keeps an event loop in this thread; Django would refuse the tests' own queries.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """Start the living sample, once for a file."""
    with living(tmp_path_factory.mktemp("living")) as found:
        yield found


@pytest.fixture
def scene(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> scenery.Scene:
    """Make the shop at an instant of its own, so that its pages look alike on every day."""
    clocks.turn(monkeypatch, to=AT)
    return scenery.build(now=clock.now())


@pytest.fixture
def visit(chromium: Browser, scene: scenery.Scene, live_server: Any) -> Iterator[Any]:
    """Return a function that seats somebody at a browser; no console may complain."""
    seated: list[tuple[BrowserContext, Visitor]] = []

    def seat(
        *,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        javascript: bool = True,
        zone: str | None = None,
    ) -> Visitor:
        size = {"width": width, "height": height}
        context = chromium.new_context(
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            reduced_motion="reduce",
            timezone_id=zone,
            **(phone.context(**size) if width < phone.WIDEST else {"viewport": size}),
        )
        context.set_default_timeout(20_000)
        visitor = Visitor(page=context.new_page(), base=live_server.url)
        visitor.page.on("console", visitor.hear)
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        seated.append((context, visitor))
        return visitor

    yield seat
    complaints = [said for _, visitor in seated for said in visitor.complaints]
    for context, _ in seated:
        context.close()
    assert complaints == []
