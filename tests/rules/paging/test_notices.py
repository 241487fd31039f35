"""What those whom an override concerns are told of it."""

import pytest

from andon.oncall.types import Happened, OverrideNews
from andon.paging import rules
from tests.rules.oncall.builders import span

NAMES = {"ann": "Ann", "ben": "Ben"}


def news(what: Happened, **changes: str) -> OverrideNews:
    facts = {"rota_title": "Shop", "reason": "holiday", "made_by": "ann"} | changes
    return OverrideNews(
        override=7, what=what, rota="shop", person="ben", displaced=("ann",),
        period=span("2027-05-04 08:00", "2027-05-05 08:00"), **facts,
    )  # fmt: skip


WHEN = "from Tue 4 May 2027 09:00 Europe/London to Wed 5 May 2027 09:00 Europe/London"


@pytest.mark.parametrize(
    ("what", "to", "said"),
    [
        (Happened.MADE, "ben", "You take Shop"),
        (Happened.MADE, "ann", "Ben takes Shop in your place"),
        (Happened.CANCELLED, "ben", "You no longer take Shop"),
        (Happened.CANCELLED, "ann", "Ben no longer takes Shop in your place; it is yours again"),
    ],
)
def test_each_is_told_what_it_means_for_them(what: Happened, to: str, said: str) -> None:
    text = rules.override_text(news=news(what), to=to, names=NAMES, timezone="Europe/London")
    assert text.subject == f"{said} {WHEN}"
    assert text.body.splitlines()[0] == f"{said} {WHEN}."
    assert "Why: holiday\nMade by: Ann\n" in text.body


@pytest.mark.parametrize(("title", "whole"), [(73, True), (74, False)])
def test_the_subject_of_a_notice_stays_short(title: int, whole: bool) -> None:
    long = news(Happened.MADE, rota_title="r" * title)
    text = rules.override_text(news=long, to="ben", names=NAMES, timezone="Europe/London")
    assert len(text.subject) == 160
    assert text.subject.endswith("...") != whole
