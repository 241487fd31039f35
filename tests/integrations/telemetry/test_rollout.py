"""Generated files come into force in real tools, proven by their APIs; or what was comes back."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from andon.integrations import telemetry
from andon.integrations.telemetry import checking
from andon.integrations.telemetry.folder import Folder, UnableToRollOut
from andon.slo.types import Estate
from andon.telemetry.types import File
from tests.support import components
from tests.support.estates import estate, subject

pytestmark = pytest.mark.components


def shop(*slugs: str, **changes: object) -> Estate:
    made = estate(*(subject(slug) for slug in slugs or ("checkout",)))
    quick = {"slow_interval": timedelta(seconds=2), "fast_interval": timedelta(seconds=1)}
    rules = replace(made.rules, **quick, **changes)  # type: ignore[arg-type]
    return replace(made, rules=rules)


def go(folder: Path, made: Estate, **more: object) -> telemetry.RolloutAttempt:
    files = more.pop("files", None) or telemetry.bundle(estate=made)
    tools = more.pop("tools", telemetry.Tools())
    return telemetry.roll_out(
        estate=made, files=files, folder=folder, tools=tools, **{"patience": 20.0, **more}  # type: ignore[arg-type]
    )  # fmt: skip


def current(folder: Path) -> dict[str, str]:
    place = folder / "current"
    return {
        str(path.relative_to(place)): path.read_text(encoding="utf-8")
        for path in place.rglob("*")
        if path.is_file() and path.name not in ("manifest.json", ".expected.json", "andon-key")
    }


def texts(files: list[File]) -> dict[str, str]:
    return {file.path: file.text for file in files}


@contextmanager
def running(folder: Path, tmp_path: Path, *, prometheus: bool = False) -> Iterator[telemetry.Tools]:
    """Run the tools as the documentation says, reading `current`."""
    with components.alertmanager(
        tmp_path, config="route: {receiver: x}\nreceivers: [{name: x}]"
    ) as am:
        home = tmp_path / f"alertmanager-{am.port}"
        (home / "alertmanager.yml").unlink()
        (home / "alertmanager.yml").symlink_to(folder / "current/alertmanager/alertmanager.yml")
        if prometheus:
            config = f'rule_files: ["{folder}/current/prometheus/rules/*.yml"]\n'
            with components.prometheus(tmp_path, config=config) as engine:
                yield telemetry.Tools(prometheus=engine.url, alertmanagers=(am.url,))
            return
        with (
            components.victoria_metrics(tmp_path) as vm,
            components.vmalert(
                tmp_path, metrics=vm.url, files=f"{folder}/current/vmalert/rules/*.yml"
            ) as engine,
        ):
            yield telemetry.Tools(vmalerts=(engine.url,), alertmanagers=(am.url,))


def groups_of(url: str) -> list[dict[str, Any]]:
    found = httpx2.get(f"{url}/api/v1/rules", trust_env=False).json()
    return list(found["data"]["groups"])


def live(url: str) -> set[str]:
    return {group["name"] for group in groups_of(url)}


def rules_of(url: str) -> list[dict[str, Any]]:
    return [rule for group in groups_of(url) for rule in group["rules"]]


@pytest.mark.parametrize("prometheus", [False, True], ids=["vmalert", "prometheus"])
def test_new_rules_and_routes_are_live_when_it_says_so(tmp_path: Path, prometheus: bool) -> None:
    folder = tmp_path / "dir"
    first = go(folder, shop())
    assert (first.outcome, first.ok) == ("applied", True)
    with running(folder, tmp_path, prometheus=prometheus) as tools:
        engine = tools.prometheus or tools.vmalerts[0]
        second = go(folder, shop("checkout", "stock"), tools=tools)
        assert second.outcome == "applied", second.words
        assert {"andon-stock-fast", "andon-checkout-fast"} <= live(engine)
        said = [step.words for step in second.steps if "at http" in step.tool]
        assert said == ["reloaded, and its API shows all that was generated"] * 2
        third = go(folder, shop("stock"), tools=tools)
        assert third.outcome == "applied", third.words
        assert not any("checkout" in name for name in live(engine))
        again = go(folder, shop("stock"), tools=tools)
        assert (again.outcome, again.digest) == ("applied", third.digest)
    assert current(folder) == texts(telemetry.bundle(estate=shop("stock")))
    assert len(list((folder / "releases").iterdir())) == 1


@pytest.mark.parametrize("prometheus", [False, True], ids=["vmalert", "prometheus"])
def test_a_change_of_an_annotation_alone_is_proven_too(tmp_path: Path, prometheus: bool) -> None:
    folder = tmp_path / "dir"
    go(folder, shop())
    with running(folder, tmp_path, prometheus=prometheus) as tools:
        changed = shop(grafana_url="https://elsewhere.example")
        assert go(folder, changed, tools=tools).outcome == "applied"
        engine = tools.prometheus or tools.vmalerts[0]
        # Those of the rules; alerts that wait have theirs anew at the next evaluation.
        shown = json.dumps([rule.get("annotations") for rule in rules_of(engine)])
        assert "elsewhere.example" in shown
        assert "grafana.example" not in shown


def test_what_a_checker_refuses_never_comes_into_force(tmp_path: Path) -> None:
    components.require("promtool")
    folder = tmp_path / "dir"
    go(folder, shop())
    before = current(folder)
    files = telemetry.bundle(estate=shop("stock"))
    broken = [
        replace(file, text=file.text.replace("expr: ", "expr: ) "))
        if file.path.startswith("prometheus/rules/") else file
        for file in files
    ]  # fmt: skip
    attempt = go(folder, shop("stock"), files=broken)
    assert attempt.outcome == "refused"
    assert "promtool: refuses the files" in attempt.words
    assert "prometheus/rules/stock.yml" in attempt.words
    assert current(folder) == before


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a promtool before the real one that writes down which rules it is given."""
    real, said = components.require("promtool"), tmp_path / "given"
    program = tmp_path / "bin" / "promtool"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {said}\nexec {real} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return said


def given(said: Path) -> list[str]:
    """Return the services whose rules the watched promtool was given since the last time."""
    words = said.read_text(encoding="utf-8").split() if said.exists() else []
    said.unlink(missing_ok=True)
    return sorted(Path(word).stem for word in words if word.startswith("prometheus/rules/"))


def test_checkers_are_given_only_what_they_have_not_accepted_before(
    tmp_path: Path, watched: Path
) -> None:
    folder = tmp_path / "dir"
    go(folder, shop("checkout", "stock"))
    assert given(watched) == ["checkout", "stock"]
    attempt = go(folder, shop("checkout", "stock", "search"))
    assert given(watched) == ["search"]
    words = next(step.words for step in attempt.steps if step.tool == "promtool")
    assert words == "accepts the files: 1 of them now, 2 that did not change before"
    go(folder, shop("stock", grafana_url="https://elsewhere.example"))
    assert given(watched) == ["stock"]


def test_what_was_refused_is_checked_again_and_refused_again(tmp_path: Path, watched: Path) -> None:
    folder = tmp_path / "dir"
    go(folder, shop("checkout"))
    given(watched)
    wrong = [
        replace(file, text=file.text.replace("expr: ", "expr: ) "))
        if file.path == "prometheus/rules/stock.yml" else file
        for file in telemetry.bundle(estate=shop("checkout", "stock"))
    ]  # fmt: skip
    for _ in range(2):
        attempt = go(folder, shop("checkout", "stock"), files=wrong)
        assert attempt.outcome == "refused"
        assert given(watched) == ["stock"]
    assert go(folder, shop("checkout", "stock")).ok
    assert given(watched) == ["stock"]


def test_another_program_an_old_record_or_a_broken_one_is_no_reason_to_believe(
    tmp_path: Path, watched: Path
) -> None:
    folder, services = tmp_path / "dir", ["checkout", "search", "stock"]
    go(folder, shop("checkout", "stock"))
    record = folder / ".accepted.json"
    program = tmp_path / "bin" / "promtool"

    def forget() -> None:
        record.write_text("{", encoding="utf-8")

    def age() -> None:
        known = json.loads(record.read_text(encoding="utf-8"))
        known["prometheus/rules/*.yml"]["since"] -= checking.BELIEVED_SECONDS
        record.write_text(json.dumps(known), encoding="utf-8")

    def renew() -> None:
        program.write_text(program.read_text(encoding="utf-8") + "#\n", encoding="utf-8")

    given(watched)
    for number, change in enumerate((forget, age, renew)):
        change()
        go(folder, shop(*services, grafana_url=f"https://{number}.example"))
        assert given(watched) == services
        go(folder, shop("checkout", "stock", grafana_url=f"https://{number}.example"))
        assert given(watched) == []


def test_when_one_tool_gives_no_proof_everything_goes_back(tmp_path: Path) -> None:
    folder = tmp_path / "dir"
    go(folder, shop())
    before = current(folder)
    with running(folder, tmp_path) as tools:
        assert go(folder, shop(), tools=tools).outcome == "applied"
        gone = f"http://127.0.0.1:{components.free_port()}"
        two = replace(tools, alertmanagers=(*tools.alertmanagers, gone))
        attempt = go(folder, shop("stock"), tools=two)
        assert attempt.outcome == "rolled-back"
        assert f"Alertmanager at {gone}: could not be reloaded" in attempt.words
        assert "back to set" in attempt.words
        assert current(folder) == before
        assert not any("stock" in name for name in live(tools.vmalerts[0]))
        assert go(folder, shop("stock"), tools=tools).outcome == "applied"


def test_rules_of_another_folder_are_no_proof(tmp_path: Path) -> None:
    """A vmalert that reads something else answers a reload like any other."""
    folder, other = tmp_path / "dir", tmp_path / "other"
    go(folder, shop())
    go(other, shop())
    with running(other, tmp_path) as tools:
        attempt = go(folder, shop("stock"), tools=replace(tools, alertmanagers=()), patience=3.0)
        assert attempt.outcome == "rolled-back"
        assert "andon-stock-fast" in attempt.words
        assert "and every tool shows it" in attempt.words


def test_files_vmalert_cannot_read_are_noticed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "dir"
    go(folder, shop())
    with running(folder, tmp_path) as tools:
        monkeypatch.setenv("PATH", str(tmp_path))  # no checker would let them pass
        files = telemetry.bundle(estate=shop("stock"))
        broken = [
            replace(file, text="groups: [") if file.path.startswith("vmalert/rules/") else file
            for file in files
        ]
        attempt = go(folder, shop("stock"), files=broken, tools=tools, patience=600.0)
        assert attempt.outcome == "rolled-back"
        assert "could not read the files" in attempt.words
        assert any(step.words == "is not installed here: not checked" for step in attempt.steps)


def test_the_first_files_stay_though_no_tool_proves_them(tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{components.free_port()}"
    attempt = go(tmp_path / "dir", shop(), tools=telemetry.Tools(vmalerts=(gone,)))
    assert attempt.outcome == "unproven"
    assert current(tmp_path / "dir") == texts(telemetry.bundle(estate=shop()))


def test_victoriametrics_evaluates_nothing_and_is_not_asked_to(tmp_path: Path) -> None:
    with components.victoria_metrics(tmp_path) as vm:
        attempt = go(tmp_path / "dir", shop(), tools=telemetry.Tools(prometheus=vm.url))
    assert attempt.outcome == "applied"
    assert "none is named" in attempt.steps[-1].words


def test_files_that_did_not_change_are_not_touched(tmp_path: Path) -> None:
    folder = tmp_path / "dir"
    go(folder, shop("checkout"))
    path = folder / "current/vmalert/rules/checkout.yml"
    before = path.stat()
    go(folder, shop("checkout", "stock"))
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert (folder / "current/vmalert/rules/stock.yml").exists()


def test_a_set_that_somebody_edited_is_replaced_by_a_whole_one(tmp_path: Path) -> None:
    folder = tmp_path / "dir"
    go(folder, shop())
    (folder / "current/vmalert/rules/checkout.yml").write_text("groups: []", encoding="utf-8")
    assert go(folder, shop()).outcome == "applied"
    assert current(folder) == texts(telemetry.bundle(estate=shop()))


def test_the_key_beside_the_releases_is_found_through_current(tmp_path: Path) -> None:
    folder = tmp_path / "dir"
    go(folder, shop())
    (folder / "andon-key").write_text("andon_key_1", encoding="utf-8")
    assert (folder / "current/alertmanager/andon-key").read_text(encoding="utf-8") == "andon_key_1"
    go(folder, shop("stock"))
    assert (folder / "current/alertmanager/andon-key").read_text(encoding="utf-8") == "andon_key_1"


def test_two_do_not_roll_out_into_one_folder_at_once(tmp_path: Path) -> None:
    with (
        Folder(tmp_path / "dir").locked(),
        pytest.raises(UnableToRollOut, match="Another process"),
    ):
        go(tmp_path / "dir", shop())


_CHILD = """
import os, signal, sys
os.environ["ANDON_HOME"] = sys.argv[3]
sys.path.insert(0, sys.argv[4])
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "andon.project.settings"
django.setup()
from pathlib import Path
from andon.integrations import telemetry
from andon.integrations.telemetry import checking
from tests.integrations.telemetry.test_rollout import shop
at = int(sys.argv[2])
seen = 0
def trace(event, arguments):
    global seen
    if event in ("open", "os.rename", "os.link", "os.symlink", "os.mkdir", "shutil.rmtree",
                 "os.remove"):
        if str(Path(sys.argv[1])) in str(arguments[0]) or "releases" in str(arguments):
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(trace)
made = shop("stock")
telemetry.roll_out(estate=made, files=telemetry.bundle(estate=made), folder=Path(sys.argv[1]),
                   tools=telemetry.Tools(), patience=1.0)
print(seen)
"""


def child(folder: Path, at: int, home: Path) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", _CHILD, str(folder), str(at), str(home), str(root)]
    empty = {**os.environ, "PATH": str(home)}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=empty, timeout=60
    )


@pytest.mark.chaos
def test_killed_at_any_point_the_old_set_or_the_new_one_is_there_whole(tmp_path: Path) -> None:
    old = texts(telemetry.bundle(estate=shop()))
    new = texts(telemetry.bundle(estate=shop("stock")))
    (tmp_path / "home").mkdir()
    whole = tmp_path / "whole"
    go(whole, shop())
    steps = int(child(whole, -1, tmp_path / "home").stdout)
    assert steps > 20
    found = set()
    for at in sorted({1, 2, steps // 3, steps // 2, *range(steps - 9, steps + 1)}):
        folder = tmp_path / f"dir-{at}"
        go(folder, shop())
        killed = child(folder, at, tmp_path / "home")
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        here = current(folder)
        assert here in (old, new)
        found.add(json.dumps(here, sort_keys=True))
        assert go(folder, shop("stock")).outcome == "applied"
        assert current(folder) == new
        assert len(list((folder / "releases").iterdir())) == 1
    assert len(found) == 2
