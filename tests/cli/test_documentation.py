"""What the documentation says of commands and settings is there, and what is there is said."""

import re
from importlib import resources
from pathlib import Path

import pytest
import typer

from andon.catalogue.types import TelemetryRules
from andon.cli import init
from andon.cli.telemetry import app
from andon.core.documents import declaring

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TELEMETRY = (DOCS / "telemetry.md").read_text()
COMMANDS = {
    name: {flag for parameter in command.params for flag in parameter.opts if flag[:2] == "--"}
    for name, command in typer.main.get_command(app).commands.items()  # type: ignore[attr-defined]
}
SETTING = re.compile(r"\bANDON_[A-Z_]+[A-Z]\b")
#: Read by tests and by scripts of the repository, not by Andon.
NOT_SETTINGS = {"ANDON_TEST_DATABASE_URL", "ANDON_SCREENSHOTS", "ANDON_BROWSER_MATRIX"}


def test_every_telemetry_command_and_flag_is_documented():
    assert set(COMMANDS) == {"validate", "generate", "diff", "test", "apply", "budget"}
    for name, flags in COMMANDS.items():
        assert f"`andon telemetry {name}" in TELEMETRY
        assert name in (DOCS / "commands.md").read_text()
        for flag in flags:
            assert f"{flag}" in TELEMETRY, (name, flag)


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=lambda path: path.name)
def test_every_telemetry_command_line_in_the_docs_is_one(path):
    for line in re.findall(r"andon telemetry ([^`\n#|&]+)", path.read_text()):
        name = line.split()[0].rstrip(",.:;")
        if name in COMMANDS:
            assert set(re.findall(r"(?<!\S)--[a-z-]+", line)) <= COMMANDS[name], line


def test_settings_are_those_of_the_documentation():
    code = (ROOT / "src/andon/project/environment.py").read_text()
    known = set(SETTING.findall(code))
    configuration = (DOCS / "configuration.md").read_text()
    table = set(re.findall(r"^\| `(ANDON_[A-Z_]+)`", configuration, re.MULTILINE))
    assert table == known
    texts = [*DOCS.rglob("*.md"), ROOT / "README.md"]
    said = {name for text in texts for name in SETTING.findall(text.read_text())}
    assert said - NOT_SETTINGS <= known


def test_keys_of_the_organisations_telemetry_are_those_of_the_documentation():
    section = (DOCS / "slo.md").read_text().split("### The organisation's rules")[1].split("###")[0]
    said = [
        name
        for row in re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    ]
    assert sorted(said) == sorted(declaring.names(TelemetryRules))


def test_the_first_catalogue_of_the_guide_is_what_init_writes():
    guide = (DOCS / "guides/first-catalogue.md").read_text()
    written = resources.files("andon.cli") / "first"
    shown = dict(re.findall(r"^## (\S+)\n\n```yaml\n(.*?)```$", guide, re.MULTILINE | re.DOTALL))
    assert shown == {name: (written / name).read_text(encoding="utf-8") for name in init.FILES}


def test_links_between_pages_of_the_documentation_lead_somewhere():
    for page in [*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
            if "://" not in target and not target.startswith("mailto:"):
                assert (page.parent / target).exists(), f"{page.relative_to(ROOT)}: {target}"
