"""An integration is a folder: those of the guide in a copy of Andon, and nothing else changed."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest

from tests.support.installation import Installation, eventually, installation, write_catalogue
from tests.support.outside import Receiver
from tests.support.tree import DOCS, PACKAGE, ROOT

GUIDE = (DOCS / "integrations.md").read_text(encoding="utf-8")
#: A path, then what stands in the file.
FILE = re.compile(r"(?ms)^`(src/andon/integrations/\S+)`:\n\n```\w+\n(.*?)^```$")
#: What a slip must not repeat.
NUMBER = "4711"


@dataclass
class Copy:
    """Andon's code, copied, with the folders of the guide in it."""

    root: Path

    @property
    def folders(self) -> Path:
        return self.root / "src" / "andon" / "integrations"

    def environ(self) -> dict[str, str]:
        there = os.environ.get("PYTHONPATH", "")
        path = os.pathsep.join(filter(None, (str(self.root / "src"), there)))
        return {"PYTHONPATH": path, "ANDON_EGRESS_ALLOW": "127.0.0.0/8"}

    def andon(self, *args: str) -> "subprocess.CompletedProcess[str]":
        """Run a command that needs no database."""
        return self.python("-m", "andon.cli.main", *args)

    def python(self, *args: str) -> "subprocess.CompletedProcess[str]":
        """Run Python with the copy's code."""
        env = {**os.environ, **self.environ()}
        return subprocess.run(
            [sys.executable, *args],
            env=env,
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
        )


def made(root: Path) -> Copy:
    """Copy Andon and write what the guide says."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, root / "src" / "andon", ignore=ignored)
    for name, text in FILE.findall(GUIDE):
        file = root / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Copy(root)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return made(tmp_path_factory.mktemp("andon"))


@pytest.fixture
def station() -> Iterator[Receiver]:
    """A beeper's station on loopback."""
    found = Receiver()
    stop = found.start()
    yield found
    stop()


def catalogue(folder: Path, *, address: str) -> Path:
    """Write a catalogue whose only person on call is reached by beeper, and the fallback too."""
    write_catalogue(folder, services=1, people=1)
    text = (folder / "catalogue.yaml").read_text(encoding="utf-8")
    note = f', "annotations": {{"andon.dev/beeper": "{address}"}}'
    text = text.replace('{"name": "person-0"', '{"name": "person-0"' + note)
    text = text.replace(', "email": "person-0@storm.example"', "")
    text = re.sub(r'"fallback": \[.*?\]', f'"fallback": [{{"beeper": "{address}"}}]', text)
    (folder / "catalogue.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_guide_writes_both_folders_whole(copy: Copy) -> None:
    written = {name for name, _ in FILE.findall(GUIDE)}
    parts = {"beeper": "transport.py", "siren": "receiver.py"}
    assert written == {
        f"src/andon/integrations/{folder}/{name}"
        for folder, part in parts.items()
        for name in ("__init__.py", "kind.py", part, "README.md")
    }


def test_what_the_guide_adds_pages_somebody(copy: Copy, station: Receiver, tmp_path: Path) -> None:
    address = f"{station.url.replace('http', 'beeper', 1)}/{NUMBER}"
    folder = catalogue(tmp_path / "catalogue", address=address)
    with installation(tmp_path / "home", environ=copy.environ()) as andon:
        andon.run("apply", str(folder), "--yes")
        siren, api = andon.key("siren"), andon.key("api", "--organisation")
        andon.start("up")

        answer = httpx2.post(f"{andon.url}/hooks/siren/{siren}", content=b"service-0: no water")
        assert (answer.status_code, answer.content) == (202, b"")
        assert station.wait_for(f"/{NUMBER}", 1, timeout=60)

        [beep] = [one for one in station.received if one.path == f"/{NUMBER}"]
        subject, link = beep.body.decode().split("\n")
        assert "no water" in subject
        with httpx2.Client(follow_redirects=True, timeout=20) as phone:
            _press(phone, link)
        taken = "SELECT count(*) FROM paging_page WHERE state = 'acknowledged'"
        eventually(lambda: andon.rows(taken) == [(1,)], what="the page is taken")
        [(raw,)] = andon.rows("SELECT kind FROM paging_notification")
        assert raw == "beeper"
        _is_listed(andon, api)


def _is_listed(andon: Installation, api: str) -> None:
    [person] = andon.api("people", key=api)["items"]
    [reach] = person["reach"]
    assert reach["kind"] == "beeper"
    assert reach["address"].endswith("/...")
    assert NUMBER not in reach["address"]
    schemas = andon.api("openapi.json", key=api)["components"]["schemas"]
    assert "beeper" in schemas["ReachOut"]["properties"]["kind"]["enum"]
    assert "siren" in schemas["KeyIn"]["properties"]["kind"]["enum"]
    andon.run("admin", "shell", "-c", ADMINISTRATOR)
    way_in = andon.run("sign-in-link", "ada").strip()
    with httpx2.Client(follow_redirects=True, timeout=20) as browser:
        _press(browser, way_in)
        shown = browser.get(f"{andon.url}/keys/").text
    assert '<option value="siren">' in shown
    assert "In the siren&#x27;s settings" in shown


ADMINISTRATOR = (
    "from andon.people.models import Person;"
    "Person.objects.create_superuser('ada', 'of 12 letters and more', name='Ada')"
)


def _press(browser: httpx2.Client, link: str) -> None:
    """Open a page and press its one button."""
    page = browser.get(link)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    data = {"csrfmiddlewaretoken": token[1]} if token else {}
    pressed = browser.post(str(page.url), data=data, headers={"referer": link})
    assert pressed.status_code == 200, pressed.text[:500]


def test_editors_are_told_of_the_new_kind(copy: Copy, tmp_path: Path) -> None:
    for name in ("scripts/declared.py", "docs/catalogue.md"):
        (copy.root / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, copy.root / name)
    done = copy.python(str(copy.root / "scripts" / "declared.py"))
    schemas = "src/andon/catalogue/schemas"
    assert done.stdout.split() == [f"{schemas}/organisation.json", f"{schemas}/user.json"]
    schema = json.loads((copy.root / schemas / "user.json").read_text(encoding="utf-8"))
    checker = jsonschema.Draft7Validator(schema)
    folder = catalogue(tmp_path / "catalogue", address="beeper://station:80/4711")
    texts = (folder / "catalogue.yaml").read_text(encoding="utf-8").split("\n---\n")
    [user] = [one for one in map(json.loads, texts) if one["kind"] == "User"]
    assert list(checker.iter_errors(user)) == []
    user["metadata"]["annotations"]["andon.dev/beeper"] = "https://station.example/4711"
    [error] = checker.iter_errors(user)
    assert list(error.path) == ["metadata", "annotations", "andon.dev/beeper"]


def test_an_address_of_another_form_is_refused_and_not_repeated(copy: Copy, tmp_path: Path) -> None:
    folder = catalogue(tmp_path / "catalogue", address=f"beeper://station/{NUMBER}x")
    done = copy.andon("check", str(folder))
    assert done.returncode == 1
    assert "Write beeper://STATION[:PORT]/NUMBER" in done.stdout
    assert NUMBER not in done.stdout + done.stderr


def test_the_help_names_the_kinds_there_are(copy: Copy) -> None:
    done = copy.andon("keys", "create", "--help")
    assert "siren" in done.stdout


#: What Django's start and every command do first.
GATHER = "from andon.integrations import gathering; gathering.gather()"
#: What is missing from a folder, or said twice, and what is said then.
LACKS: list[tuple[str, Any, str]] = [
    ("beeper/README.md", None, "integrations/beeper has no page: write README.md"),
    (
        "beeper/transport.py",
        None,
        "beeper/kind.py declares CONTACT: write transport.py",
    ),
    ("siren/kind.py", None, "integrations/siren has a receiver.py, and no kind.py with KEY"),
    ("siren/kind.py", ('"siren"', '"generic"'), "another folder declares 'generic' too"),
    ("siren/kind.py", ('"siren"', '"Loud Siren"'), "'Loud Siren' is no name of a kind"),
]


@pytest.mark.parametrize(("file", "change", "said"), LACKS)
def test_a_folder_that_lacks_a_part_says_so(
    copy: Copy, file: str, change: tuple[str, str] | None, said: str
) -> None:
    path = copy.folders / file
    whole = path.read_text(encoding="utf-8")
    try:
        if change is None:
            path.unlink()
        else:
            path.write_text(whole.replace(*change), encoding="utf-8")
        done = copy.python("-c", GATHER)
    finally:
        path.write_text(whole, encoding="utf-8")
    assert done.returncode != 0
    assert said in done.stderr
