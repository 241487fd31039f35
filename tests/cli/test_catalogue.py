"""`andon check` and `andon apply`, as a shell sees them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.folders import PERSON, TEAM, write_folder

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "fruits-r-us"
BROKEN = ROOT / "tests" / "rules" / "catalogue" / "broken"


def andon(*words: object, home: Path | None = None, answer: str = "") -> tuple[int, str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "andon.cli.main", *map(str, words)],
        capture_output=True,
        text=True,
        input=answer,
        timeout=120,
        check=False,
        env={**kept, **({"ANDON_HOME": str(home)} if home else {"ANDON_HOME": "/nowhere/at/all"})},
    )
    return done.returncode, done.stdout, done.stderr


class TestCheck:
    def test_a_good_folder_leaves_with_0_and_needs_no_home_and_no_database(self):
        code, out, err = andon("check", EXAMPLE)
        assert (code, err) == (0, "")
        assert out == (
            "10 services, 11 teams, 12 rotas, 13 SLOs and alerts: 0 errors, 0 warnings\n"
        )

    def test_a_broken_folder_leaves_with_1_and_shows_each_problem_with_its_fix(self):
        code, out, _ = andon("check", BROKEN)
        assert code == 1
        assert (
            "nested/services.yml:9  error target-preset  99.7% is not a target of preset "
            "fruits-r-us\n    Write one of: 99.0, 99.5, 99.9, 99.99.\n"
        ) in out

    def test_warnings_alone_leave_with_0(self, tmp_path):
        text = (EXAMPLE / "organisation.yaml").read_text()
        (tmp_path / "o.yaml").write_text(text.replace("  catchAllRota: incident-managers\n", ""))
        code, out, _ = andon("check", tmp_path)
        assert code == 0
        assert "warning catch-all" in out
        assert out.endswith("0 services, 0 teams, 0 rotas: 0 errors, 1 warning\n")

    def test_json_is_for_scripts(self):
        code, out, _ = andon("check", BROKEN, "--json")
        found = json.loads(out)
        assert code == 1
        assert found["errors"] == sum(one["level"] == "error" for one in found["problems"])
        assert {"file", "line", "level", "rule", "message", "fix", "kind", "slug"} == set(
            found["problems"][0]
        )

    def test_it_never_imports_django(self):
        code = (
            "import sys; from pathlib import Path;"
            "from andon.catalogue.rules.documents.check import check_folder;"
            "from andon.core.documents.source import read_folder;"
            "from andon.integrations import gathering; gathering.gather();"
            f"check_folder(read_folder(Path({str(EXAMPLE)!r}))); assert 'django' not in sys.modules"
        )
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60)

    def test_a_folder_that_is_not_there_is_said(self):
        code, _, err = andon("check", "/no/such/folder")
        assert code == 2
        assert "does not exist" in err


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "catalogue"))


class TestApply:
    def test_plan_dry_run_apply_again_and_an_error(self, home, folder):
        code, out, _ = andon("apply", folder, "--dry-run", home=home)
        assert code == 0
        assert "+ service checkout" in out
        assert "+ slo checkout\n" in out
        assert "+ alert checkout-payments-queue\n" in out
        assert out.endswith(" added\n")
        assert not home.exists(), "what only tries leaves nothing behind"
        code, out, _ = andon("apply", folder, "--yes", home=home)
        assert code == 0
        assert out.endswith("applied as revision 1\n")
        code, out, _ = andon("apply", folder, "--yes", home=home)
        assert (code, out) == (0, "nothing to change\n")
        path = folder / "stock" / "stock-1.yaml"
        path.write_text(path.read_text().replace("title: Stock levels\n", "title: Levels\n"))
        code, out, _ = andon("apply", folder, home=home, answer="n\n")
        assert code == 1
        assert "~ service stock-1\n    title: Stock levels -> Levels\n~ slo stock-1\n" in out
        assert "2 changed\n" in out
        code, _, err = andon("apply", folder, "--json", home=home)
        assert code == 2
        assert "--yes or --dry-run" in err
        code, out, _ = andon("apply", folder, "--json", "--yes", home=home)
        assert code == 0
        done = json.loads(out)
        assert (done["revision"], done["counts"]) == (2, {"changed": 2})
        path.write_text(path.read_text().replace('"99.0"', '"99.7"'))
        code, out, err = andon("apply", folder, "--yes", home=home)
        assert code == 1
        assert "stock/stock-1.yaml:9  error target-preset" in out
        assert "nothing was applied" in err

    def test_what_retiring_means_is_said_by_kind(self, home, folder):
        assert andon("apply", folder, "--yes", home=home)[0] == 0
        path = folder / "stock" / "stock-1.yaml"
        documents = [one for one in path.read_text().split("---\n") if "name: umar\n" not in one]
        path.write_text("---\n".join(documents).replace("    - umar\n", ""))
        code, out, err = andon("apply", folder, "--dry-run", home=home)
        assert (code, err) == (0, "")
        assert "- person umar  retired: kept, cannot sign in and is not paged any more\n" in out


class TestOnCall:
    """Who is on call now stays, unless somebody agrees that they are replaced."""

    @staticmethod
    def on_call(home: Path) -> str:
        found = json.loads(andon("oncall", "--rota", "team-0", "--json", home=home)[1])
        return str(found[0]["person"]["slug"])

    @staticmethod
    def write(folder: Path, *people: str) -> None:
        users = "---\n".join(PERSON.format(n=0, m=one.removeprefix("p-0-")) for one in people)
        text = TEAM.format(n=0, members=", ".join(people), people=users)
        (folder / "team-0.yaml").write_text(text)

    def test_people_appended_are_said_and_nothing_is_asked(self, home, tmp_path):
        folder = write_folder(tmp_path / "files", services=1, teams=1)
        assert andon("apply", folder, "--yes", home=home)[0] == 0
        running = self.on_call(home)
        self.write(folder, "p-0-0", "p-0-1", "p-0-2", "p-0-3")
        code, out, _ = andon("apply", folder, home=home, answer="y\n")
        assert code == 0
        assert f"! team-0: on call now: no change ({running} until " in out
        assert "with this plan" in out
        assert self.on_call(home) == running

    def test_replacing_somebody_on_call_now_is_a_question_that_yes_does_not_answer(
        self, home, tmp_path
    ):
        folder = write_folder(tmp_path / "files", services=1, teams=1)
        assert andon("apply", folder, "--yes", home=home)[0] == 0
        running = self.on_call(home)
        rest = [one for one in ("p-0-0", "p-0-1", "p-0-2") if one != running]
        self.write(folder, *rest)
        code, out, _ = andon("apply", folder, "--dry-run", "--json", home=home)
        (said,) = json.loads(out)["on_call"]
        assert (code, said["replaces"]) == (0, True)
        assert f"(was {running})" in said["words"]
        code, _, err = andon("apply", folder, "--yes", home=home)
        assert code == 1
        assert f"(was {running})" in err
        assert "--replace-on-call" in err
        code, out, _ = andon("apply", folder, home=home, answer="y\nn\n")
        assert code == 1
        assert "Somebody on call now is replaced at once (team-0). Is that right?" in out
        assert self.on_call(home) == running
        code, _, _ = andon("apply", folder, "--yes", "--replace-on-call", home=home)
        assert code == 0
        assert self.on_call(home) in rest
