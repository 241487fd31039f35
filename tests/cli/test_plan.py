"""`andon plan`, as a shell sees it: offline, and with nothing but the folder."""

import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from andon.cli.plan import app, pdf

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "fruits-r-us"
COMMANDS = {
    "select": [],
    "compare": [],
    "cover": [],
    "simulate": ["--years", "200"],
    "optimise": [],
    "forecast": ["--teams", "20%", "--services", "30%", "--exposure", "10%"],
    "what-if": [],
    "review": [],
}


def plan(*words, code=0):
    done = CliRunner(env={"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}).invoke(
        app, [str(word) for word in words]
    )
    assert done.exit_code == code, done.output
    return done


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(EXAMPLE, tmp_path / "catalogue"))


def edit(folder, name, old, new):
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def words_of(command, folder):
    return [command, folder, *([folder] if command == "what-if" else []), *COMMANDS[command]]


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.links = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "br", "rect", "line", "polyline", "circle"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("rect", "line", "polyline", "circle"):
            assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_answers_in_a_table_in_json_and_in_a_report(command, folder, tmp_path):
    report = tmp_path / "out.html"

    shown = plan(*words_of(command, folder))
    done = plan(*words_of(command, folder), "--json", "--report", report)

    assert shown.stdout.strip().startswith("fruits-r-us:")
    assert json.loads(done.stdout)
    assert done.stderr.strip() == ""
    page = Page(report.read_text())
    assert page.open == []
    assert page.links == []
    assert "script" not in page.tags
    assert page.tags.count("h1") == 1


def test_charts_have_names_and_tables_with_the_same_figures(folder, tmp_path):
    report = tmp_path / "out.html"

    plan("compare", folder, "--report", report)

    text = report.read_text()
    assert text.count("<svg") == 3
    assert text.count('role="img"') == text.count("<desc") == 3
    assert text.count("GBP 49,296") >= 3
    names = re.findall(r'aria-labelledby="([^"]+)"', text)
    assert len(set(names)) == 3


@pytest.mark.skipif(not any(map(shutil.which, pdf.BROWSERS)), reason="no browser to print with")
def test_a_report_is_printed_as_a_real_pdf(folder, tmp_path):
    report = tmp_path / "out.pdf"

    plan("compare", folder, "--report", report)

    printed = report.read_bytes()
    assert printed.startswith(b"%PDF-")
    assert printed.rstrip().endswith(b"%%EOF")
    assert re.search(rb"/Type\s*/Page\b", printed), "it has no pages"
    assert b"/Font" in printed, "it has no text"
    if shutil.which("pdftotext"):
        told = subprocess.run(["pdftotext", report, "-"], capture_output=True, check=True)
        assert b"GBP 49,296" in told.stdout


def test_without_a_browser_a_pdf_names_the_package(folder, tmp_path):
    report, nowhere = tmp_path / "out.pdf", str(tmp_path / "empty")

    done = CliRunner(env={"PATH": nowhere, "TERM": "dumb"}).invoke(
        app, ["compare", str(folder), "--report", str(report)]
    )

    assert done.exit_code == 1
    assert "install the package chromium" in done.output
    assert not report.exists()


def test_a_browser_that_hangs_is_stopped_and_said(tmp_path, monkeypatch):
    fake = tmp_path / "chromium"
    fake.write_text("#!/bin/sh\nexec sleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    with pytest.raises(pdf.UnableToPrint, match="did not print within"):
        pdf.write("<p>", tmp_path / "out.pdf", seconds=0.3)


@pytest.mark.parametrize("command", COMMANDS)
def test_eighty_columns_cut_no_figure_and_break_no_word(command, folder):
    words = [str(one) for one in words_of(command, folder)]
    narrow, wide = (
        CliRunner(env={"COLUMNS": width, "TERM": "dumb", "NO_COLOR": "1"}).invoke(app, words)
        for width in ("80", "400")
    )

    assert max(map(len, narrow.stdout.splitlines())) <= 80
    assert "\N{HORIZONTAL ELLIPSIS}" not in narrow.stdout
    figures = r"\d(?:[\d,]*\d)?(?:\.\d+)?%?"
    assert sorted(set(re.findall(figures, wide.stdout))) == sorted(
        set(re.findall(figures, narrow.stdout))
    )
    said = set(re.findall(r"[A-Za-z]+", wide.stdout))
    assert set(re.findall(r"[A-Za-z]+", narrow.stdout)) <= said


def test_a_table_too_wide_for_the_terminal_is_stacked(folder):
    done = CliRunner(env={"COLUMNS": "40", "TERM": "dumb", "NO_COLOR": "1"}).invoke(
        app, ["cover", str(folder)]
    )

    assert max(map(len, done.stdout.splitlines())) <= 40
    assert re.search(r"^ fulfilment-1\n   pays +yes", done.stdout, re.MULTILINE)
    assert "about GBP 40 million" in " ".join(done.stdout.split())


def test_the_risk_weight_is_weighed(folder):
    def risk(*words):
        found = json.loads(plan("optimise", folder, "--json", *words).stdout)
        return found["plan"]["risk"]["minor"]

    assert risk() == 0
    once = risk("--risk-weight", "0.5")
    assert once > 0
    assert risk("--risk-weight", "1") >= once

    edit(folder, "organisation.yaml", "spec:\n", "spec:\n  planning:\n    riskWeight: 0.5\n")
    assert risk() == once


def test_a_budget_buys_less_and_is_kept(folder):
    free = json.loads(plan("optimise", folder, "--json").stdout)["plan"]
    tight = json.loads(plan("optimise", folder, "--json", "--budget", "GBP 80000").stdout)
    cost = tight["plan"]

    assert cost["standby"]["minor"] + cost["callouts"]["minor"] <= 80_000_00
    assert cost["loss"]["minor"] > free["loss"]["minor"]


def test_what_if_simulates_both_with_the_same_incidents(folder, tmp_path):
    changed = Path(shutil.copytree(folder, tmp_path / "changed"))
    same = json.loads(plan("what-if", folder, changed, "--json").stdout)["risk"]
    assert same["before"] == same["after"]
    assert same["mean"]["error"]["minor"] == 0

    edit(changed, "stock/stock-1.yaml", "GBP 3000", "GBP 6000")
    found = json.loads(plan("what-if", folder, changed, "--json").stdout)["risk"]
    sides = ("before", "after")
    mean = {key: found[key]["mean"]["value"]["minor"] for key in sides}
    p99 = {key: found[key]["p99"]["value"]["minor"] for key in sides}
    change = found["mean"]
    assert change["value"]["minor"] == pytest.approx(mean["after"] - mean["before"], abs=1)
    assert 0 < change["error"]["minor"] < change["unpaired"]["minor"]
    assert mean["after"] > mean["before"]
    assert p99["after"] > p99["before"]

    none = json.loads(plan("what-if", folder, changed, "--years", "0", "--json").stdout)
    assert none["risk"] is None


def test_select_prints_nine_thousand_against_thirty_thousand(folder):
    out = plan("select", folder).stdout

    assert "3 rotas for 10 teams cost GBP 9,000 a month, 70% less" in out
    assert "(GBP 30,000)" in out


def test_the_traffic_light_gives_the_model(folder):
    edit(folder, "stock/stock-1.yaml", "deployment-target: weekly", "deployment-target: monthly")

    found = json.loads(plan("select", folder, "--traffic-light", "--json").stdout)

    (stock,) = (one["selected"] for one in found["services"] if one["slug"] == "stock-1")
    assert stock["model"] == "ops-run-it"
    assert "red" in stock["working"][-1]


def test_cover_of_one_service_is_a_sentence_with_levers(folder):
    out = plan("cover", folder, "--service", "checkout").stdout

    assert "Yes: a team rota out of hours costs" in out
    assert "automatic shutter" in out


def test_levers_change_the_answer(folder):
    levers = ["--shutter", "0.01", "--cap", "GBP 500", "--blast-radius", "1%", "--incidents", "1"]

    out = plan("cover", folder, "--service", "stock-1", *levers).stdout

    assert "No: " in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cap", "USD 5"], "GBP"),
        (["--cap", "GBP -5"], "0 or more"),
        (["--target", "120"], "not possible"),
        (["--core-hours", "25:00-26:00"], "no times of a day"),
        (["--core-hours", "day"], "write 06:00-22:00"),
        (["--blast-radius", "2"], "not a share"),
        (["--incidents", "many"], "no number"),
        (["--service", "nobody"], "no service 'nobody'"),
        (["--report", "out.doc"], "--report out.pdf"),
        (["--report", "/nowhere/out.html"], "no folder"),
    ],
)
def test_bad_options_are_said_in_one_line(words, said, folder):
    done = plan("cover", folder, *words, code=1)

    assert said in done.stderr
    assert "Traceback" not in done.output


def test_bad_input_is_named_by_file_and_line_and_the_rest_is_computed(folder):
    edit(folder, "shopping/checkout.yaml", "GBP 200000", "USD 200000")

    done = plan("select", folder)

    assert "checkout.yaml:12  error money-currency" in done.stderr.replace("\n", " ")
    assert "GBP 6,000 a month" in done.stdout
    found = json.loads(plan("select", folder, "--json").stdout)
    assert found["left_out"][0]["where"].endswith("checkout.yaml:12")
    assert len(found["services"]) == 9


def test_a_folder_without_an_organisation_is_refused(tmp_path):
    done = plan("select", tmp_path, code=1)

    assert "no Organisation" in done.stderr


def test_what_if_shows_the_money_of_a_change(folder, tmp_path):
    changed = Path(shutil.copytree(folder, tmp_path / "changed"))
    marker = "    andon.dev/runbook"
    cover = "    andon.dev/out-of-hours: none\n    andon.dev/out-of-hours-reason: test\n"
    edit(changed, "shopping/checkout.yaml", marker, cover + marker)

    found = json.loads(plan("what-if", folder, changed, "--json").stdout)

    assert (found["rotas_before"], found["rotas_after"]) == (3, 2)
    assert found["sentence"].startswith("The premium falls by GBP 37,054")


def test_a_review_is_accepted_as_a_patch_and_written(folder):
    edit(folder, "stock/stock-1.yaml", "GBP 3000", "GBP 15000")

    shown = plan("review", folder).stdout
    patch = plan("review", folder, "--accept", "stock-1").stdout
    plan("review", folder, "--accept", "stock-1:upgrade", "--write")

    assert "upgrade" in shown
    assert '+    andon.dev/availability-target: "99.5"' in patch
    assert "--- a/stock/stock-1.yaml" in patch
    after = plan("review", folder).stdout
    assert "stock-1" not in after
    assert "peak window" in after, "the sample's own: delivery slots before Christmas"
    assert "no one proposal" in plan("review", folder, "--accept", "product", code=1).stderr


def test_a_simulation_is_the_same_for_the_same_seed(folder):
    words = ["simulate", folder, "--years", "100", "--json", "--seed"]

    first, again, other = (plan(*words, seed).stdout for seed in (7, 7, 8))

    assert first == again
    assert first != other


def test_an_impossible_budget_is_said(folder):
    found = json.loads(plan("optimise", folder, "--budget", "GBP 40000", "--json").stdout)

    assert found["plan"]["standby"]["minor"] <= 40_000_00


def andon(home, *words):
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "andon.cli.main", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={**kept, "ANDON_HOME": str(home)},
    )
    return done.stdout


@pytest.mark.parametrize("command", ["select", "cover"])
def test_the_applied_catalogue_gives_the_very_plan_of_its_folder(command, folder, tmp_path):
    home = tmp_path / "home"
    andon(home, "apply", folder, "--yes")

    live = andon(home, "plan", command, "--json")

    assert live == andon(home, "plan", command, folder, "--json")


def test_a_live_review_patches_the_folder(folder, tmp_path):
    edit(folder, "stock/stock-1.yaml", "GBP 3000", "GBP 15000")
    home = tmp_path / "home"
    andon(home, "apply", folder, "--yes")

    patch = andon(home, "plan", "review", folder, "--live", "--accept", "stock-1")

    assert "+++ b/stock/stock-1.yaml" in patch


def test_cover_of_all_says_where_it_does_not_pay_and_the_closest_call(folder):
    edit(folder, "stock/stock-1.yaml", "GBP 3000", "GBP 30")

    shown = plan("cover", folder).stdout

    assert "Cover pays for 9 of 10 services." in shown
    assert "It does not pay for stock-1." in shown
    premium, saved = (
        int(one.replace(",", ""))
        for one in re.search(
            r"closest call is stock-1: GBP ([\d,]+) .* GBP ([\d,]+)", shown
        ).groups()
    )
    assert saved < premium


def test_select_leads_with_what_differs_and_what_shows(folder, tmp_path):
    assert "Every service has the target and cover" in plan("select", folder).stdout
    edit(folder, "stock/stock-1.yaml", "GBP 3000", "GBP 300000")

    shown = plan("select", folder, "--report", tmp_path / "out.html").stdout

    assert "ask for something else at stock-1." in shown
    edit(folder, "stock/stock-1.yaml", "GBP 300000", "GBP 10")
    edit(folder, "stock/stock-1.yaml", 'target: "99.0"', 'target: "99.5"')
    assert "Signals that show:" in plan("select", folder).stdout
