"""A figure that rests on what nobody declared says so in its sentence, and is round."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from andon.catalogue.types import Insurance
from andon.core.money import Money
from andon.planning import rules
from andon.planning.queries.build import _guessed
from andon.planning.queries.live import SeenIncidents, calibrated
from andon.planning.rules.optimise import optimise
from andon.planning.rules.proviso import expected, proviso, proviso_of, shown
from andon.planning.rules.whatif import what_if
from andon.planning.types import Guess, Insured, Portfolio
from tests.support.portfolios import assumptions, fruits, service

OFTEN, LONG = Guess
LOSS = Money(3_986_666_667, "GBP")
NOBODY = "which nobody has declared"


def made(*guessed: Guess, often: str = "12", slug: str = "checkout") -> Insured:
    return replace(service(slug), incidents_per_year=Decimal(often), guessed=frozenset(guessed))


@pytest.mark.parametrize(
    ("guessed", "often", "said"),
    [
        ((), "12", ""),
        ((OFTEN,), "12", f"if it fails 12 times a year, {NOBODY}"),
        ((OFTEN,), "1", f"if it fails once a year, {NOBODY}"),
        ((OFTEN,), "10.3846", f"if it fails 10.4 times a year, {NOBODY}"),
        ((LONG,), "12", f"if it is down for 20 min each time, {NOBODY}"),
        (
            (OFTEN, LONG),
            "12",
            f"if it fails 12 times a year and is down for 20 min each time, {NOBODY}",
        ),
    ],
)
def test_the_proviso_says_what_nobody_declared(
    guessed: tuple[Guess, ...], often: str, said: str
) -> None:
    assert proviso(service=made(*guessed, often=often)) == said


def test_of_many_services_it_says_how_many() -> None:
    known, one, other = made(slug="a"), made(OFTEN, slug="b"), made(OFTEN, slug="c")
    assert proviso_of(services=[known]) == proviso_of(services=[]) == ""
    said = proviso_of(services=[one, other])
    assert said == f"if each service fails 12 times a year, {NOBODY}"
    said = proviso_of(services=[known, one, other])
    assert said == f"if each of 2 services fails 12 times a year, {NOBODY}"
    said = proviso_of(services=[one, made(OFTEN, LONG, slug="c")])
    assert said == f"if each service fails as often and as long as Andon assumes, {NOBODY}"


def test_a_guess_is_round_and_what_is_known_is_not_called_about() -> None:
    said = expected(amount=LOSS, proviso=proviso(service=made(OFTEN)))
    assert said == f"about GBP 40 million if it fails 12 times a year, {NOBODY}"
    assert expected(amount=LOSS, proviso="") == shown(amount=LOSS, proviso="") == "GBP 39.9 million"


@pytest.mark.parametrize(
    ("lengths", "years", "left"),
    [
        ([], "0.08", {OFTEN, LONG}),
        ([20], "0.08", {OFTEN}),
        ([], "0.5", {LONG}),
        ([20], "0.5", set()),
    ],
)
def test_what_was_seen_for_long_enough_is_no_guess_any_more(
    lengths: list[int], years: str, left: set[Guess]
) -> None:
    seen = SeenIncidents(lengths=[timedelta(minutes=one) for one in lengths])
    found = calibrated(made(OFTEN, LONG), seen, Decimal(years), assumptions())
    assert found.guessed == left


def test_a_figure_is_declared_by_the_service_or_by_the_organisation() -> None:
    known = assumptions(defaults=("incidentsPerYear: 12", "youRunIt.timeToRestore: 20 min"))
    nothing, all_said = (
        Insurance(),
        Insurance(incidents_per_year=Decimal(4), time_to_restore=timedelta(minutes=5)),
    )
    assert set(_guessed(nothing, known)) == {OFTEN, LONG}
    assert set(_guessed(nothing, assumptions())) == set()
    assert set(_guessed(all_said, known)) == set()


def guessing() -> Portfolio:
    known = fruits()
    return replace(
        known,
        services=tuple(replace(one, guessed=frozenset({OFTEN})) for one in known.services),
    )


def test_every_sentence_with_an_expected_loss_carries_the_proviso() -> None:
    known, unknown = fruits(), guessing()
    moved = replace(unknown, services=unknown.services[1:])
    sentences = [
        rules.needs_cover(service=unknown.services[0], portfolio=unknown).sentence,
        what_if(before=unknown, after=moved).sentence,
        optimise(portfolio=unknown).sentence,
    ]
    for said in sentences:
        assert NOBODY in said
        assert "about GBP" in said
        assert not re.search(r"\d\.\d\d\b(?! (?:incidents|million))", said), said
    for said in (
        rules.needs_cover(service=known.services[0], portfolio=known).sentence,
        what_if(before=known, after=replace(known, services=known.services[1:])).sentence,
        optimise(portfolio=known).sentence,
    ):
        assert NOBODY not in said
        assert "about" not in said
