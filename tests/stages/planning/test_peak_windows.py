"""A season that raises the target, from the review to the window in force."""

import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from andon.catalogue import actions as catalogue
from andon.catalogue.models import AvailabilityTarget
from andon.catalogue.rules.documents.check import check_folder
from andon.core.documents.source import read_folder
from andon.planning import actions, queries
from andon.planning.rules.review import ProposedMove, review
from andon.planning.types import PeakDays

EXAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"
NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
FILE = "fulfilment/fulfilment-1.yaml"
#: GBP 144,000 an hour before Christmas asks for 99.9%. With little demand the domain's rota does,
#: and that one is staffed.
SEASON = """    andon.dev/deployment-target: monthly
    andon.dev/seasons: 11-20/12-25=8
"""
pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def folder(tmp_path):
    found = Path(shutil.copytree(EXAMPLE, tmp_path / "catalogue"))
    write(found, SEASON)
    return found


def write(folder, annotations):
    text = (folder / FILE).read_text()
    weekly = "    andon.dev/deployment-target: weekly\n"
    assert weekly in text
    (folder / FILE).write_text(text.replace(weekly, annotations))


def proposed(portfolio):
    found = review(portfolio=portfolio, today=NOW.date())
    return [
        one for one in found if (one.slug, one.move) == ("fulfilment-1", ProposedMove.PEAK_WINDOW)
    ]


def windows(portfolio):
    return next(one.windows for one in portfolio.services if one.slug == "fulfilment-1")


def accept(folder, portfolio):
    [one] = proposed(portfolio)
    service = next(x for x in portfolio.services if x.slug == one.slug)
    return actions.accept(proposal=one, service=service, folder=folder)


@pytest.mark.parametrize("live", [False, True], ids=["from files", "from the catalogue"])
def test_an_accepted_window_is_in_force_in_its_days(folder, live):
    catalogue.apply_folder(path=folder, by="test", now=NOW)
    before = queries.portfolio_live(now=NOW) if live else queries.portfolio_from_folder(folder)
    patch = accept(folder, before)
    git = ["git", "apply", "--unsafe-paths", "-"]
    subprocess.run(git, cwd=folder, input=patch.diff.encode(), check=True)

    assert '+    andon.dev/peak-windows: "2026-11-20/2026-12-25=99.9"' in patch.diff
    assert check_folder(read_folder(folder)).problems == ()
    catalogue.apply_folder(path=folder, by="test", now=NOW)

    peak = AvailabilityTarget.objects.get(kind="peak", service__slug="fulfilment-1")
    assert (peak.ppm, peak.starts_at, peak.ends_at) == (
        999_000,
        datetime(2026, 11, 20, tzinfo=UTC),
        datetime(2026, 12, 25, tzinfo=UTC),
    )
    wanted = (PeakDays(date(2026, 11, 20), date(2026, 12, 25), 999_000),)
    for after in (queries.portfolio_live(now=NOW), queries.portfolio_from_folder(folder)):
        assert windows(after) == wanted
        assert proposed(after) == []


def test_windows_that_stand_there_stay(folder):
    standing = "    andon.dev/peak-windows: 2026-01-02/2026-01-09=99.9 # sales\n"
    text = (folder / FILE).read_text()
    (folder / FILE).write_text(text.replace(SEASON, SEASON + standing))

    portfolio = queries.portfolio_from_folder(folder)
    [one] = proposed(portfolio)
    service = next(x for x in portfolio.services if x.slug == one.slug)
    actions.accept(proposal=one, service=service, folder=folder, write=True)

    assert windows(queries.portfolio_from_folder(folder)) == (
        PeakDays(date(2026, 1, 2), date(2026, 1, 9), 999_000),
        PeakDays(date(2026, 11, 20), date(2026, 12, 25), 999_000),
    )
    assert check_folder(read_folder(folder)).problems == ()


def test_windows_over_several_lines_are_left_to_a_person(folder):
    standing = "    andon.dev/peak-windows: >-\n      2026-01-02/2026-01-09=99.9\n"
    text = (folder / FILE).read_text()
    (folder / FILE).write_text(text.replace(SEASON, SEASON + standing))

    with pytest.raises(actions.UnableToPatch, match="one line"):
        accept(folder, queries.portfolio_from_folder(folder))
    assert (folder / FILE).read_text() == text.replace(SEASON, SEASON + standing)
