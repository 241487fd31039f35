"""`andon` starts fast: what it is asked for is imported, nothing else."""

import inspect
import os
import resource
import subprocess
import sys

import pytest
import typer

from andon.cli.main import PANELS, app

#: They take longer than all the rest, and have nothing to do with the list of commands.
SLOW = {"django", "rich", "pydantic", "pydantic_core", "ninja", "yaml", "numpy", "httpx2"}
#: Typer itself reads by it what has been typed so far.
TYPERS = {"completion": {"pydantic", "pydantic_core"}}
STARTS = {
    "help": (["--help"], {}),
    "version": (["--version"], {}),
    "completion": (
        [],
        {"_ANDON_COMPLETE": "complete_bash", "COMP_WORDS": "andon in", "COMP_CWORD": "1"},
    ),
}
RUN = (
    "import runpy, sys\n"
    "sys.argv = ['andon', *sys.argv[1:]]\n"
    "try:\n"
    "    from andon.cli.main import app\n"
    "    app(prog_name='andon')\n"
    "finally:\n"
    "    print(*{one.partition('.')[0] for one in sys.modules}, file=sys.stderr)\n"
)


def child(*words: str, **environ: str) -> tuple[subprocess.CompletedProcess[str], float]:
    """Run Python to its end; return it with the seconds of processor time it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, *words],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize("name", STARTS)
def test_nothing_is_imported_that_was_not_asked_for(name: str) -> None:
    words, environ = STARTS[name]
    done, _ = child("-c", RUN, *words, **environ)
    assert ("incidents" if name != "version" else "time zones") in done.stdout
    assert set(done.stderr.split()) & SLOW <= TYPERS.get(name, set())


@pytest.mark.parametrize("name", STARTS)
def test_starting_costs_a_few_times_what_python_does(name: str) -> None:
    """Python alone is about 10 ms; with everything imported it was more than sixty times that."""
    words, environ = STARTS[name]
    bare = min(child("-c", "pass")[1] for _ in range(3))
    took = min(child("-c", RUN, *words, **environ)[1] for _ in range(3))
    assert took < 25 * bare, f"{took:.3f} s, and Python alone {bare:.3f} s"


def test_the_list_says_what_each_command_says_of_itself() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    listed = {name: one.help for held in PANELS.values() for name, one in held.items()}
    own = {
        name: " ".join(inspect.cleandoc(one.help).split("\n\n")[0].split())
        for name, one in commands.items()
    }
    assert listed == own
    assert [one.name for one in commands.values()] == list(listed)
