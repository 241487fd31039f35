"""`andon check` and `andon apply`, as a shell sees them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
            "from andon.catalogue.documents.check import check_folder;"
            f"check_folder(Path({str(EXAMPLE)!r})); assert 'django' not in sys.modules"
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
