"""Inhibition never loses a page: from whatever is held back a way leads to one that is told."""

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.types import Cover
from andon.slo.types import Estate
from tests.rules.telemetry.test_inhibition import needs_of
from tests.support.estates import estate, objective, subject

NAMES = [f"s{at}" for at in range(8)]


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    count = draw(st.integers(2, len(NAMES)))
    subjects = [
        subject(
            slug,
            needs=tuple(draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True))),
            cover=draw(st.sampled_from(list(Cover))),
        )
        for slug in NAMES[:count]
    ]
    with_page = draw(st.lists(st.sampled_from(NAMES[:count]), min_size=1, unique=True))
    return estate(*subjects, objectives=tuple(objective(slug) for slug in sorted(with_page)))


@settings(max_examples=150, deadline=None)
@given(made=estates(), data=st.data())
def test_whatever_fires_somebody_is_told_who_covers_as_much(
    made: Estate, data: st.DataObject
) -> None:
    needs = needs_of(made)
    pages = sorted({one.service for one in made.objectives})
    firing = set(data.draw(st.lists(st.sampled_from(pages), min_size=1, unique=True)))
    cover = {one.slug: list(Cover).index(one.cover) for one in made.subjects}
    held = {slug for slug in firing if firing & set(needs.get(slug, ()))}
    for slug in held:
        here, steps = slug, 0
        while here in held:
            here = min(firing & set(needs[here]))
            steps += 1
            assert steps <= len(NAMES), "held back in a circle"
        assert cover[here] >= cover[slug]
