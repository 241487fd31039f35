"""What commands print: whole lines for a pipe, what fits for a terminal, help as people speak."""

import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.main import get_command
from typer.testing import CliRunner

from andon.cli import tables
from andon.cli.main import app

HEADINGS = ("incident", "state", "service", "what", "lost")
SENTENCE = "Checkout answers no requests, so that nobody can pay " + "and it goes on " * 6
ROWS = (
    ("INC-1042", "acknowledged", "checkout", SENTENCE, "GBP 3,333.33"),
    ("INC-7", "open", "苹果服务", "a\nbroken  line", "not known"),
)
FOLDER = Path(__file__).parents[2] / "examples" / "fruits-r-us"


def shown(wide=None, **changes):
    return tables.lines(HEADINGS, ROWS, right={"lost"}, wide=wide, **changes)


def test_in_a_pipe_a_row_is_a_line_however_long():
    heading, first, second = shown()
    assert SENTENCE.strip() in first
    assert "a broken line" in second
    assert [line for line in (heading, first, second) if line != line.rstrip()] == []
    # Columns line up, whatever width letters have.
    ends = {cell_len(line) for line in (heading, first, second)}
    assert len(ends) == 1


@pytest.mark.parametrize("wide", [20, 40, 60, 80, 120, 400])
@pytest.mark.parametrize("below", ["", "what"])
def test_on_a_terminal_no_line_is_wider_and_no_word_is_lost(wide, below):
    found = shown(wide, below=below)
    assert max(map(cell_len, found)) <= max(wide, 44)
    said = set(re.findall(r"[\w,.-]+", " ".join(found)))
    assert {word for row in ROWS for cell in row for word in re.findall(r"[\w,.-]+", cell)} <= said


def test_at_eighty_columns_the_sentence_goes_below_its_row():
    found = shown(80, below="what")
    assert found[0].split() == ["incident", "state", "service", "lost"]
    assert found[2].startswith("    Checkout answers no requests")


def run(*words, wide):
    """Run a command on a terminal of so many columns, or into a pipe."""
    environ = {name: one for name, one in os.environ.items() if name != "COLUMNS"}
    command = [sys.executable, "-m", "andon.cli.main", *words]
    if wide is None:
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()
    main, side = pty.openpty()
    stty = shutil.which("stty")
    assert stty
    subprocess.run([stty, "cols", str(wide)], stdin=side, check=True)
    with subprocess.Popen(command, env=environ | {"TERM": "dumb"}, stdout=side, stdin=side):
        os.close(side)
        said = b""
        try:
            while piece := os.read(main, 65_536):
                said += piece
        except OSError:
            pass  # the terminal is closed
    os.close(main)
    return said.decode().splitlines()


def test_a_plan_fits_the_terminal_and_is_not_folded_for_a_pipe():
    narrow = run("plan", "select", str(FOLDER), wide=80)
    assert max(map(len, narrow)) <= 80
    piped = run("plan", "select", str(FOLDER), wide=None)
    assert len([line for line in piped if "fulfilment-1" in line and "99.5%" in line]) == 1
    assert max(map(len, piped)) > 80


def commands(command, path=()):
    yield path, command
    for name, one in getattr(command, "commands", {}).items():
        yield from commands(one, (*path, name))


#: Of `andon admin` the help is Django's.
OURS = [path for path, _ in commands(get_command(app)) if path != ("admin",)]


@pytest.mark.parametrize("path", OURS, ids=" ".join)
def test_help_names_no_types_of_python(path):
    text = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "200"}).stdout
    assert "--help" in text
    assert re.findall(r"<[a-z]+(?:\[|>| range)", text) == []
