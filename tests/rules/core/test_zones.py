"""The newer of the system's zone data and the package's is what every process reckons with."""

import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest
import tzdata

from andon.core import zones
from andon.core.zones import ZoneData

#: What planted data says of Vancouver, so that one sees whose it was.
ELSEWHERE = "Asia/Tokyo"
TELL = """
from zoneinfo import ZoneInfo
early = ZoneInfo("America/Vancouver")
from andon.catalogue.rules.zones import gaps
from andon.core import zones
from datetime import datetime
print(datetime(2026, 12, 1, tzinfo=ZoneInfo("America/Vancouver")).strftime("%z"))
print(datetime(2026, 12, 1, tzinfo=ZoneInfo("Europe/London")).strftime("%z"))
print(zones.used().version)
"""


def plant(folder: Path, *, version: str, telling: str = "tzdata.zi") -> Path:
    """Write a system's folder with one zone in it, which no release of IANA's ever said."""
    data = resources.files("tzdata") / "zoneinfo" / ELSEWHERE
    (folder / "America").mkdir(parents=True)
    (folder / "America" / "Vancouver").write_bytes(data.read_bytes())
    if version:
        said = f"# version {version}\n" if telling == "tzdata.zi" else f"{version}\n"
        (folder / telling).write_text(said)
    return folder


def run(*command: str, path: str) -> list[str]:
    """Run a process that finds its system's zones at a search path; return its lines."""
    environ = os.environ | {"PYTHONTZPATH": path}
    done = subprocess.run(
        [sys.executable, *command], env=environ, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("version", "telling", "planted_counts"),
    [
        ("2099a", "tzdata.zi", True),
        ("2099a", "+VERSION", True),
        ("2099a", "version", True),
        ("2025b", "tzdata.zi", False),
        (tzdata.IANA_VERSION, "tzdata.zi", False),
        ("", "", False),
    ],
)
def test_every_process_reckons_with_the_newer_of_the_systems_and_the_packages_zones(
    tmp_path, version, telling, planted_counts
):
    folder = plant(tmp_path / "zones", version=version, telling=telling)
    vancouver, london, said = run("-c", TELL, path=str(folder))
    assert (vancouver == "+0900") == planted_counts
    assert said == (version if planted_counts else tzdata.IANA_VERSION)
    # What the planted folder lacks comes from the package.
    assert london == "+0000"


def test_of_several_folders_the_newest_counts_wherever_it_stands(tmp_path):
    old, new = plant(tmp_path / "a", version="2001a"), plant(tmp_path / "b", version="2099a")
    [_, _, said] = run("-c", TELL, path=f"{old}{os.pathsep}{tmp_path / 'none'}{os.pathsep}{new}")
    assert said == "2099a"


def test_the_command_says_which_zone_data_it_has(tmp_path):
    folder = plant(tmp_path / "zones", version="2099a")
    [line] = run("-m", "andon.cli.main", "--version", path=str(folder))
    assert line.endswith(f"time zones 2099a ({folder})")
    [line] = run("-m", "andon.cli.main", "--version", path="")
    assert line.endswith(f"time zones {tzdata.IANA_VERSION} (the tzdata package)")


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("2025b", "2026a"),
        ("2025b", "2025c"),
        ("2025z", "2025za"),
        ("2025za", "2026a"),
        ("", "1996"),
    ],
)
def test_releases_sort_by_year_and_letters(older, newer):
    old, new = ZoneData(older, Path("/old")), ZoneData(newer, Path("/new"))
    assert zones.newest(package=None, folders=[old, new]) == new
    assert zones.newest(package=ZoneData(newer), folders=[old]) == ZoneData(newer)
    assert zones.newest(package=ZoneData(older), folders=[new, old]) == new
    assert zones.newest(package=ZoneData(newer), folders=[new]) == ZoneData(newer)
    assert zones.newest(package=None, folders=[]) is None


def test_these_tests_reckon_with_the_newest_data_too():
    assert zones.used().version >= tzdata.IANA_VERSION
