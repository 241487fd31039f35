"""Other people's programs: what they say counts, and none is left running."""

import os
import sys
from pathlib import Path

import pytest

from andon.core import programs


def python(code: str, *more: str) -> list[str]:
    return [sys.executable, "-c", code, *more]


def test_one_that_ends_well_says_nothing(tmp_path: Path) -> None:
    assert programs.refusal(python("print('fine')"), folder=tmp_path) == ""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; print('a', flush=True); print('b', file=sys.stderr); sys.exit(1)", "a\nb"),
        ("import sys; sys.exit(3)", "it ended with 3"),
        ("import os; print(os.getcwd() == os.environ['PWD_WANTED'], os.environ['TZ']); exit(1)",
         "True UTC"),
    ],
)  # fmt: skip
def test_what_it_said_when_it_refused_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    monkeypatch.setenv("PWD_WANTED", str(tmp_path.resolve()))
    for gentle in (False, True):
        assert programs.refusal(python(code), folder=tmp_path, gentle=gentle) == said


def test_one_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    assert programs.find("andon-no-such-program") is None
    said = programs.refusal([str(tmp_path / "nothing")], folder=tmp_path)
    assert said.startswith("it could not be run: ")


WAITS = (
    "import os, pathlib, time; pathlib.Path('up').write_text(f'{os.getpid()} '); time.sleep(600)"
)


def test_one_that_hangs_is_ended(tmp_path: Path) -> None:
    said = programs.refusal(python(WAITS), folder=tmp_path, seconds=0.2)
    assert said == "it did not end within 0.2 seconds"


def test_leaving_ends_it(tmp_path: Path) -> None:
    class Left(Exception):
        pass

    def leave(_: float) -> None:
        if (tmp_path / "up").exists() and (tmp_path / "up").read_text():
            raise Left

    with pytest.raises(Left):
        programs.refusal(python(WAITS), folder=tmp_path, pause=leave)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "up").read_text()), 0)
