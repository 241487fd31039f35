"""`andon telemetry`, as a shell sees it: no home, no database, no network."""

import json
import os
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from andon.core import clock
from tests.support import components

ROLLOUTS = "SELECT by, outcome, digest, steps FROM telemetry_rollout"
ORGANISATION = """\
apiVersion: andon.dev/v1
kind: Organisation
metadata:
  name: shop
  title: Shop
spec:
  currency: GBP
  availabilityTargets: {preset: fruits-r-us}
  fallback: [{email: duty@example.org}]
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: shop-team
  title: Shop team
spec:
  type: team
  children: []
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata:
  name: ann
spec:
  profile: {displayName: Ann, email: ann@example.org}
  memberOf: [shop-team]
---
apiVersion: andon.dev/v1
kind: Rota
metadata:
  name: shop-rota
spec:
  team: shop-team
  covers: always
  timezone: Europe/London
  rotation: {unit: week, every: 1, handover: "09:00", startsOn: 2026-01-05}
  participants: [ann]
"""
SERVICE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: {name}
  title: {title}
  annotations:
    andon.dev/availability-target: "{target}"
    andon.dev/financial-exposure-per-hour: GBP 200000
    andon.dev/runbook: https://runbooks.example.org/{name}
    andon.dev/slo-errors: {errors}
    andon.dev/slo-total: http_requests_total{{service="{name}"}}
spec:
  type: service
  lifecycle: production
  owner: shop-team
"""
#: Names the line of the SERVICE whose expression is wrong.
BROKEN_LINE = 10


def service(folder: Path, name: str, *, target: str = "99.9", errors: str = "") -> None:
    text = SERVICE.format(
        name=name,
        title=name.title(),
        target=target,
        errors=errors or f'http_requests_total{{service="{name}",code=~"5.."}}',
    )
    (folder / f"{name}.yaml").write_text(text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a catalogue of two services with SLOs of the short form."""
    made = tmp_path / "catalogue"
    made.mkdir()
    (made / "organisation.yaml").write_text(ORGANISATION)
    service(made, "checkout")
    service(made, "search", target="99.0")
    return made


def andon(*words: object, path: str | None = None, **env: str) -> tuple[int, str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    kept |= {"ANDON_HOME": "/nowhere/at/all", "COLUMNS": "120", **env}
    if path is not None:
        kept["PATH"] = path
    done = subprocess.run(
        [sys.executable, "-m", "andon.cli.main", "telemetry", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=kept,
    )
    return done.returncode, done.stdout, done.stderr


def files(folder: Path) -> dict[str, int]:
    found = (one for one in folder.rglob("*") if one.is_file())
    return {str(one.relative_to(folder)): one.stat().st_mtime_ns for one in found}


class TestValidate:
    def test_a_good_folder_leaves_with_0(self, folder):
        code, out, err = andon("validate", folder)
        assert code == 0
        assert out.startswith("2 services, 2 SLOs, 0 alerts of teams' own: 0 errors")
        assert "error" not in err

    def test_an_error_has_file_line_and_fix_and_leaves_with_1(self, folder):
        service(folder, "search", target="99.0", errors="rate(((")
        code, out, err = andon("validate", folder)
        assert code == 1
        assert f"search.yaml:{BROKEN_LINE}  error" in err
        fix = err.split(f"search.yaml:{BROKEN_LINE}")[1].splitlines()[1]
        assert fix.startswith("    ")
        assert "1 error" in out

    def test_json_is_for_scripts(self, folder):
        service(folder, "search", target="99.0", errors="rate(((")
        code, out, err = andon("validate", folder, "--json")
        found = json.loads(out)
        assert (code, err) == (1, "")
        assert found["errors"] == 1
        problem = next(one for one in found["problems"] if one["level"] == "error")
        assert (Path(problem["file"]).name, problem["line"]) == ("search.yaml", BROKEN_LINE)
        assert problem["fix"]


class TestGenerate:
    def test_everything_is_written_once_and_then_left_alone(self, folder, tmp_path):
        out = tmp_path / "out"
        code, said, err = andon("generate", folder, "--out", out)
        assert code == 0, err
        first = files(out)
        assert {
            "manifest.json",
            "vmalert/rules/checkout.yml",
            "vmalert/rules/search.yml",
            "prometheus/rules/checkout.yml",
            "prometheus/tests/checkout.test.yml",
            "alertmanager/alertmanager.yml",
        } <= first.keys()
        assert f"{len(first) - 1:,} written, 0 unchanged, 0 removed" in said
        code, said, _ = andon("generate", folder, "--out", out)
        assert (code, files(out)) == (0, first)
        assert "0 written" in said

    def test_steps_are_lines_where_there_is_no_terminal(self, folder, tmp_path):
        err = andon("generate", folder, "--out", tmp_path / "out")[2]
        steps = [line.split(":")[0] for line in err.splitlines() if line.endswith(" s)")]
        assert steps == ["reading", "generating", "writing"]

    def test_check_fails_on_an_edited_file_and_writes_nothing(self, folder, tmp_path):
        out = tmp_path / "out"
        andon("generate", folder, "--out", out)
        assert andon("generate", folder, "--out", out, "--check")[:2] == (0, "nothing differs\n")
        edited = out / "vmalert/rules/checkout.yml"
        edited.write_text(edited.read_text() + "# by hand\n")
        before = files(out)
        code, said, _ = andon("generate", folder, "--out", out, "--check")
        assert code == 1
        assert "~ vmalert/rules/checkout.yml  changed" in said
        assert "1 file differs: generate again" in said
        assert files(out) == before

    def test_what_has_an_error_is_left_out_and_the_rest_is_written(self, folder, tmp_path):
        out = tmp_path / "out"
        service(folder, "search", target="99.0", errors="rate(((")
        code, _, err = andon("generate", folder, "--out", out)
        assert code == 1
        assert f"search.yaml:{BROKEN_LINE}  error" in err
        rules = {one for one in files(out) if one.startswith("vmalert/rules/")}
        assert rules == {"vmalert/rules/checkout.yml"}

    def test_a_service_that_is_gone_takes_its_files_along(self, folder, tmp_path):
        out = tmp_path / "out"
        andon("generate", folder, "--out", out)
        (out / "vmalert/rules/own.yml").write_text("groups: []\n")
        (folder / "search.yaml").unlink()
        assert andon("generate", folder, "--out", out)[0] == 0
        rules = {one for one in files(out) if one.startswith("vmalert/rules/")}
        assert rules == {"vmalert/rules/checkout.yml", "vmalert/rules/own.yml"}

    @pytest.mark.parametrize(
        ("engine", "mine", "others"),
        [("vmalert", "vmalert/", "prometheus/"), ("prometheus", "prometheus/", "vmalert/")],
    )
    def test_one_engine_only(self, folder, tmp_path, engine, mine, others):
        out = tmp_path / "out"
        assert andon("generate", folder, "--out", out, "--engine", engine)[0] == 0
        found = files(out)
        assert any(one.startswith(mine) for one in found)
        assert not any(one.startswith(others) for one in found)
        assert "alertmanager/alertmanager.yml" in found

    def test_a_foreign_file_in_the_way_is_named(self, folder, tmp_path):
        out = tmp_path / "out"
        (out / "alertmanager").mkdir(parents=True)
        (out / "alertmanager/alertmanager.yml").write_text("mine")
        code, _, err = andon("generate", folder, "--out", out)
        assert code == 1
        assert "alertmanager.yml is in the way" in err
        assert files(out).keys() == {"alertmanager/alertmanager.yml"}

    def test_andons_address_is_in_what_is_generated(self, folder, tmp_path):
        out = tmp_path / "out"
        andon("generate", folder, "--out", out, ANDON_URL="https://andon.example.org")
        text = (out / "alertmanager/alertmanager.yml").read_text()
        assert "https://andon.example.org/hooks/alertmanager/" in text

    def test_json_counts_what_was_done(self, folder, tmp_path):
        code, out, err = andon("generate", folder, "--out", tmp_path / "out", "--json")
        found = json.loads(out)
        assert (code, err) == (0, "")
        assert "vmalert/rules/checkout.yml" in found["changed"]
        assert (found["unchanged"], found["removed"], found["errors"]) == (0, [], 0)

    def test_a_folder_that_is_no_catalogue_is_an_error(self, tmp_path):
        empty = tmp_path / "empty"
        empty.mkdir()
        code, _, err = andon("generate", empty, "--out", tmp_path / "out")
        assert code == 1
        assert "no catalogue can be read" in err
        assert not (tmp_path / "out").exists()


class TestDiff:
    def test_a_moved_target_is_a_diff_that_git_can_apply(self, folder, tmp_path):
        out = tmp_path / "out"
        andon("generate", folder, "--out", out)
        assert andon("diff", folder, out)[:2] == (0, "")
        service(folder, "checkout", target="99.0")
        code, diff, err = andon("diff", folder, out)
        assert code == 1, err
        assert "+++ b/vmalert/rules/checkout.yml" in diff
        subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=out, check=True)
        assert andon("diff", folder, out)[:2] == (0, "")

    def test_json_has_each_file(self, folder, tmp_path):
        code, out, _ = andon("diff", folder, tmp_path / "none", "--json")
        found = json.loads(out)
        assert (code, found["differs"]) == (1, True)
        assert {one["act"] for one in found["changes"]} == {"added"}


class TestTest:
    def test_the_tools_accept_what_is_generated_and_the_table_says_what_fires(self, folder):
        for program in ("promtool", "vmalert", "amtool"):
            components.require(program)
        code, out, err = andon("test", folder, "--service", "checkout")
        assert code == 0, err
        assert "SLOs, 4 alerting tiers" in out
        row = next(line for line in out.splitlines() if "page-fast" in line)
        assert " ".join(row.split()) == "checkout 99.9% page-fast 1.44% 8 min 38 s 52 s 4 min 56 s"
        checks = [line.split() for line in out.splitlines() if " passed " in line]
        tools = ["promtool", "promtool", "vmalert", "amtool"]
        replays = ["vmalert"] if components.find("victoria-metrics") else []
        assert [line[0] for line in checks] == tools + replays

    def test_each_missing_tool_is_named_and_with_none_it_fails(self, folder, tmp_path):
        empty = tmp_path / "bin"
        empty.mkdir()
        # The places that are looked into besides PATH must not have them either.
        if any(Path(at, "promtool").exists() for at in ("/usr/sbin", "/sbin")):
            pytest.skip("promtool is installed where PATH does not matter")
        code, _, err = andon("test", folder, path=str(empty))
        assert code == 1
        for program in ("promtool", "vmalert", "amtool"):
            assert f"{program} is not installed" in err
        assert "nothing was tested" in err

    def test_a_tool_that_refuses_is_quoted(self, folder, tmp_path):
        bin_folder = tmp_path / "bin"
        bin_folder.mkdir()
        tool = bin_folder / "promtool"
        tool.write_text("#!/bin/sh\necho 'FAILED: no such thing' >&2\nexit 1\n")
        tool.chmod(0o755)
        code, out, err = andon("test", folder, path=str(bin_folder))
        assert code == 1
        assert "FAILED: no such thing" in err
        assert "failed" in out

    def test_a_service_that_is_not_there_is_wrong_usage(self, folder):
        code, _, err = andon("test", folder, "--service", "nope")
        assert code == 2
        assert "there is no service 'nope'" in err

    def test_json_has_times_in_seconds(self, folder):
        components.require("amtool")
        out = andon("test", folder, "--service", "checkout", "--json")[1]
        found = json.loads(out)
        fast = next(one for one in found["reactions"] if one["tier"] == "page-fast")
        assert fast["factor"] == "14.4"
        assert fast["error_ratio_above"] == "0.0144"
        assert fast["detected_after_seconds"] == {"0.1": 518.4, "1": 51.84}
        assert {one["tool"] for one in found["checks"]} == {"promtool", "vmalert", "amtool"}


class TestApply:
    def test_a_rollout_without_tools_is_written_and_said_step_by_step(self, folder, tmp_path):
        home, out = {"ANDON_HOME": str(tmp_path / "home")}, tmp_path / "out"
        subprocess.run(
            [sys.executable, "-m", "andon.cli.main", "admin", "migrate", "-v0"],
            env=os.environ | home | {"ANDON_DATABASE_URL": ""}, check=True,
        )  # fmt: skip
        code, said, err = andon("apply", folder, "--out", out, "--by", "ann", **home)
        assert code == 0, err
        assert "generated files, set" in said
        assert "none is named" in said
        assert said.splitlines()[-1].startswith("applied: ")
        assert (out / "current/vmalert/rules/checkout.yml").is_file()
        again = json.loads(andon("apply", folder, "--out", out, "--json", **home)[1])
        assert again["outcome"] == "applied"
        with closing(sqlite3.connect(tmp_path / "home" / "andon.sqlite3")) as database:
            rows = database.execute(ROLLOUTS).fetchall()
        assert [row[:3] for row in rows] == [
            ("ann", "applied", again["digest"]),
            ("andon telemetry apply", "applied", again["digest"]),
        ]
        assert json.loads(rows[1][3]) == again["steps"]

    def test_without_a_database_it_is_done_all_the_same_and_said(self, folder, tmp_path):
        nobody = f"postgresql://andon@127.0.0.1:{components.free_port()}/andon"
        env = {"ANDON_HOME": str(tmp_path / "home"), "ANDON_DATABASE_URL": nobody}
        code, said, err = andon("apply", folder, "--out", tmp_path / "out", **env)
        assert code == 0, err
        assert said.splitlines()[-1].startswith("applied: ")
        assert "The portal will not show this" in err
        assert (tmp_path / "out/current/vmalert/rules/checkout.yml").is_file()

    def test_errors_in_the_files_stop_it_before_anything_is_done(self, folder, tmp_path):
        service(folder, "search", target="99.0", errors="rate(((")
        out = tmp_path / "out"
        code, _, err = andon("apply", folder, "--out", out, ANDON_HOME=str(tmp_path / "home"))
        assert code == 1
        assert "nothing was rolled out" in err
        assert "left out: service search" in err
        assert not out.exists()

    def test_a_tool_that_does_not_answer_fails_it(self, folder, tmp_path):
        nobody = f"http://127.0.0.1:{components.free_port()}"
        env = {"ANDON_HOME": str(tmp_path / "home"), "ANDON_ALERTMANAGER_URL": nobody}
        code, said, _ = andon("apply", folder, "--out", tmp_path / "out", **env)
        assert code == 1
        assert "could not be reloaded" in said

    def test_without_a_place_it_is_wrong_usage(self, folder, tmp_path):
        code, _, err = andon("apply", folder, ANDON_HOME=str(tmp_path / "home"))
        assert code == 2
        assert "ANDON_TELEMETRY_DIR" in err


class TestBudget:
    def test_a_source_that_does_not_answer_is_named(self, folder):
        nobody = f"http://127.0.0.1:{components.free_port()}"
        code, _, err = andon("budget", folder, "--url", nobody)
        assert code == 1
        assert nobody in err

    def test_without_a_source_it_is_wrong_usage(self, folder):
        code, _, err = andon("budget", folder)
        assert code == 2
        assert "ANDON_PROMETHEUS_URL" in err

    @pytest.mark.components
    def test_budgets_are_read_from_victoriametrics(self, folder, tmp_path):
        """Of two measured days six tenths of what 99.9% allows were bad, and so of the rest."""
        with components.victoria_metrics(tmp_path / "vm") as source:
            fill(source.url, slug="checkout", bad=0.0006)
            code, out, err = andon("budget", folder, "--url", source.url)
            assert code == 0, err
            assert "1 of 2 budgets" in out
            row = next(line for line in out.splitlines() if line.startswith(" checkout"))
            assert row.split()[1:5] == ["watchful", "40%", "17", "min"]
            assert "search    not measured" in out
            assert "checkout: Only" in err
            found = json.loads(andon("budget", folder, "--url", source.url, "--json")[1])
            assert [one["slo"] for one in found["budgets"]] == ["checkout", "search"]
            assert found["budgets"][0]["budget"]["left"] == pytest.approx(0.4, abs=0.001)


def fill(url: str, *, slug: str, bad: float) -> None:
    """Import two days of what the generated rules record: one event a second, a share bad."""
    now = int(clock.now().timestamp()) // 60 * 60
    stamps = [(now - 60 * number) * 1000 for number in reversed(range(2 * 24 * 60))]
    lines = []
    for name, value in (("slo:bad:rate5m", bad), ("slo:total:rate5m", 1.0)):
        metric = {"__name__": name, "slo": slug, "service": slug}
        lines.append(
            json.dumps({"metric": metric, "values": [value] * len(stamps), "timestamps": stamps})
        )
    for path, body in (("/api/v1/import", "\n".join(lines)), ("/internal/force_flush", "")):
        request = urllib.request.Request(url + path, data=body.encode() or None)
        with urllib.request.urlopen(request, timeout=30) as response:
            assert response.status < 300
