"""The README's "Your own", followed word for word: from an empty folder to a page taken on a phone.

Only names that mean something else on this machine are put in: the home, the address, the mail
server. Alertmanager runs with the README's own configuration.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import components, phone
from tests.support.installation import (
    Installation,
    Mailbox,
    eventually,
    installation,
    mailbox,
    text_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.components]

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
OWN = README.split("## Your own")[1].split("\n## ")[0]
LINES = re.findall(r"```\n(.*?)```", OWN, re.DOTALL)[0].splitlines()
RECEIVER = re.findall(r"```yaml\n(.*?)```", OWN, re.DOTALL)[0]
LAST = ".venv/bin/andon up"
#: One whom `andon init` declares, and who is on call or next.
PERSON, PEOPLE = "ann", ("Ann Ash", "Ben Birch", "Cat Cedar")
PASSWORD = "orchard ladder seven quince"


class Shell:
    """The lines of the README, typed one after the other in a folder of a newcomer's."""

    def __init__(self, folder: Path, andon: Installation, smtp_url: str) -> None:
        self.folder = folder
        self._env = {k: v for k, v in andon.env().items() if k in ("PATH", "HOME", "ANDON_PORT")}
        self._exports = ""
        self._here = {
            "/var/lib/andon": str(andon.home),
            "https://andon.example": andon.url,
            "smtp+starttls://user:secret@mail.example": smtp_url,
        }
        (folder / ".venv").symlink_to(Path(sys.prefix))

    def put_in(self, text: str) -> str:
        """Put what is on this machine in the place of what the README names."""
        for named, here in self._here.items():
            text = text.replace(named, here)
        return text

    def type(self, line: str, *, answer: str = "") -> str:
        """Run a line to its end; return what it printed."""
        if line.startswith("export "):
            assert all(named in line for named in self._here), line
            self._exports = self.put_in(line)
            return ""
        done = subprocess.run(
            ["bash", "-euc", f"{self._exports}\n{line}"],
            cwd=self.folder,
            env=self._env,
            input=answer,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def environment(self) -> dict[str, str]:
        """Return what `export` set."""
        names = re.findall(r"(ANDON_\w+)=(\S+)", self._exports)
        return dict(names)


@contextmanager
def alertmanager(folder: Path, *, shell: Shell, key: str) -> Iterator[str]:
    """Run Alertmanager with the README's receiver; yield its address."""
    receiver = shell.put_in(RECEIVER)
    receiver, keys = re.subn(r"andon_key_\.\.\.", key, receiver)
    assert keys == 1, RECEIVER
    config = f"route: {{receiver: andon, group_wait: 0s}}\n{receiver}"
    with components.alertmanager(folder, config=config) as running:
        yield running.url


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[tuple[Shell, Installation, Mailbox]]:
    folder = tmp_path / "empty"
    folder.mkdir()
    with mailbox() as (box, smtp_url), installation(tmp_path / "home") as andon:
        yield Shell(folder, andon, smtp_url), andon, box


def test_from_an_empty_folder_to_a_page_acknowledged_on_a_phone_by_somebody_who_signs_in(
    newcomer: tuple[Shell, Installation, Mailbox], chromium: Browser, tmp_path: Path
) -> None:
    shell, andon, box = newcomer
    commands = [line.split("#")[0].strip() for line in LINES]
    assert commands[-1] == LAST
    said = {line: shell.type(line, answer="y\n") for line in commands[:-1]}
    assert "0 errors, 0 warnings" in said[".venv/bin/andon check my-catalogue"]
    key = said[".venv/bin/andon keys create --kind alertmanager"].strip().splitlines()[-1].strip()

    andon.environ = shell.environment()
    up = andon.start("up")
    link = eventually(
        lambda: re.search(rf"{andon.url}/set-up/\S+/", up.log.read_text()), what="the set-up link"
    )
    with at_desk(chromium) as desk:
        _set_up(desk, link[0])
        with alertmanager(tmp_path / "am", shell=shell, key=key) as url:
            alert = {"labels": {"alertname": "Down", "service": "checkout", "instance": "web-3"}}
            httpx2.post(f"{url}/api/v2/alerts", json=[alert]).raise_for_status()
            mail = eventually(lambda: next(iter(box.mails()), None), what="the page")
            with on_phone(chromium) as hand:
                who = _take(hand, re.search(rf"{andon.url}/a/\S+/", text_of(mail)), str(mail["to"]))
                _sign_in_by_mail(hand, andon, box, str(mail["to"]))
                expect(hand.get_by_text("INC-1").first).to_be_visible()
                phone.assert_fits(hand)
        desk.goto(f"{andon.url}/incidents/INC-1/")
        expect(desk.get_by_text(who).first).to_be_visible()


@contextmanager
def at_desk(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


@contextmanager
def on_phone(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(**phone.context())
    yield context.new_page()
    context.close()


def _set_up(desk: Page, link: str) -> None:
    desk.goto(link)
    desk.get_by_label("Your name", exact=True).fill("Ann Ash")
    desk.get_by_label("Your e-mail address").fill("ann@example.com")
    desk.get_by_label("Password", exact=True).fill(PASSWORD)
    desk.get_by_label("Password, once more").fill(PASSWORD)
    desk.get_by_role("button", name="Set up this Andon").click()
    expect(desk.get_by_role("status")).to_contain_text("are signed in")


def _take(hand: Page, link: "re.Match[str] | None", address: str) -> str:
    """Acknowledge by the link in a message; return the name of whoever did."""
    assert link, "no link to acknowledge in the mail"
    hand.goto(link[0])
    phone.assert_fits(hand)
    expect(hand.get_by_text("web-3").first).to_be_visible()
    hand.get_by_role("button", name="Acknowledge").click()
    phone.assert_fits(hand)
    return next(name for name in PEOPLE if name.split()[0].lower() in address)


def _sign_in_by_mail(hand: Page, andon: Installation, box: Mailbox, address: str) -> None:
    hand.goto(andon.url)
    hand.get_by_role("link", name="link").first.click()
    hand.get_by_label("e-mail address").fill(address)
    hand.get_by_role("button", name="Send me a link").click()
    expect(hand.get_by_role("status")).to_contain_text("on its way")
    link = rf"{andon.url}/sign-in/\S+/"
    mail = eventually(
        lambda: next((m for m in box.mails(to=address) if re.search(link, text_of(m))), None),
        what="the sign-in link",
    )
    found = re.search(link, text_of(mail))
    assert found
    hand.goto(found[0])
    hand.get_by_role("button", name="Sign in").click()
