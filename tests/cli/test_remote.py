"""Commands on another machine, which has an address and a key; a real server answers."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.components import free_port
from tests.support.installation import (
    Installation,
    alertmanager_body,
    eventually,
    installation,
    mailbox,
    write_catalogue,
)


class Desk:
    """A machine with nothing of Andon's on it but the command."""

    def __init__(self, folder: Path, andon: Installation, key: str) -> None:
        self.folder, self.andon, self.key = folder, andon, key
        folder.mkdir()

    def run(self, *words: str, ok: int = 0, **environ: str) -> tuple[str, str]:
        kept = {name: one for name, one in self.andon.env().items() if "ANDON_" not in name}
        kept |= {"ANDON_URL": self.andon.url, "ANDON_KEY": self.key} | environ
        done = subprocess.run(
            [sys.executable, "-m", "andon.cli.main", *words],
            cwd=self.folder, env=kept, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == ok, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert list(self.folder.iterdir()) == []
        return done.stdout, done.stderr


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return a desk whose Andon has an incident, with the key of somebody who answers."""
    folder = tmp_path_factory.mktemp("remote")
    write_catalogue(folder / "catalogue", services=2)
    with mailbox() as (_, smtp), installation(folder / "home", smtp_url=smtp) as andon:
        andon.start("up")
        andon.run("apply", str(folder / "catalogue"), "--yes")
        sender, key = andon.key("alertmanager"), andon.key("api", "--person", "person-0")
        labels = {"alertname": "Down", "service": "service-0000", "severity": "critical"}
        answer = httpx2.post(
            f"{andon.url}/hooks/alertmanager/",
            content=alertmanager_body([labels]),
            headers={"authorization": f"Bearer {sender}"},
        )
        assert answer.status_code == 202, answer.text
        eventually(lambda: andon.rows("select 1 from incidents_incident"), what="an incident")
        yield Desk(folder / "desk", andon, key)


def steady(one: Any) -> Any:
    """Return what does not run on: no figures, as their time passes, and no sentence of them."""
    return {name: value for name, value in one.items() if name not in {"figures", "reason"}}


def test_what_burns_and_who_answers_is_told_as_beside_the_database(desk: Desk) -> None:
    here, there = desk.run("oncall")[0].splitlines(), desk.andon.run("oncall").splitlines()
    assert here[1:] == there[1:], "the first line may hold the minute"
    for word in ("oncall", "services", "incidents", "alerts"):
        here, there = json.loads(desk.run(word, "--json")[0]), desk.andon.run(word, "--json")
        for mine, theirs in zip(here, json.loads(there), strict=True):
            assert mine.keys() == theirs.keys()
            assert steady(mine) == steady(theirs)
    assert "INC-1" in desk.run("incidents")[0]
    assert "service-0000" in desk.run("alerts")[0]
    shown = desk.run("show", "INC-1")[0]
    assert shown.splitlines()[0].startswith("INC-1  SEV")
    assert "service-0000 is down" in shown
    assert shown.splitlines()[0] == desk.andon.run("show", "1").splitlines()[0]


def test_an_incident_is_acted_on_by_whom_the_key_is_for(desk: Desk) -> None:
    assert desk.run("ack", "INC-1")[0] == "INC-1 acknowledged by Person 0.\n"
    assert desk.run("note", "1", "looking")[0] == "INC-1 noted.\n"
    assert desk.run("resolve", "inc-1", "--reason", "done")[0] == (
        "INC-1 declared restored by Person 0.\n"
    )
    again = json.loads(desk.run("reopen", "INC-1", "--reason", "not over", "--json")[0])
    assert again["state"] in ("open", "acknowledged")
    assert "looking" in desk.run("show", "INC-1")[0]
    desk.run("resolve", "INC-1")
    assert "INC-1" in desk.run("ack", "INC-1", ok=1)[1], "the refusal is the server's own"
    assert "leave --by out" in desk.run("ack", "INC-1", "--by", "person-1", ok=1)[1]


@pytest.mark.parametrize(
    ("words", "environ", "said"),
    [
        (("show", "INC-999"), {}, "There is no incident INC-999."),
        (("oncall", "--rota", "none"), {}, 'There is no rota "none"'),
        (("incidents",), {"ANDON_KEY": "andon_key_wrong"}, "does not know this key"),
        (("incidents", "--url", "http://127.0.0.1:1"), {"ANDON_KEY": ""}, "andon keys create"),
        (("incidents", "--url", "127.0.0.1:8000"), {}, "is no address"),
        (("keys", "list"), {}, "There is no Andon here"),
        (("keys", "list"), {}, "over the API: incidents, show"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(desk: Desk, words, environ, said) -> None:
    assert said in desk.run(*words, ok=1, **environ)[1]


def test_a_server_that_is_none_or_not_there_is_named(desk: Desk, receiver) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    assert f"No answer from {nobody}" in desk.run("incidents", "--url", nobody, ok=1)[1]
    assert (
        "does not answer as Andon's API does"
        in (desk.run("incidents", "--url", receiver.url, ok=1)[1])
    )


def test_a_key_is_shown_nowhere(desk: Desk) -> None:
    for words in (("incidents", "--help"), ("show", "INC-999")):
        code = 0 if "--help" in words else 1
        assert desk.key not in "".join(desk.run(*words, ok=code))
