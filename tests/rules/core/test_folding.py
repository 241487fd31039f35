"""Words as people type them: case, accents, slips, and what is marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.core import folding


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Jörg", "jorg"), ("JORG", "jorg"), ("Straße", "strasse"), ("ﬁre", "fire"), ("", "")],
)
def test_case_and_accents_make_no_difference(text: str, folded: str) -> None:
    assert folding.fold(text) == folded


def test_words_are_few_and_each_is_there_once() -> None:
    assert folding.words(" Pay  pay\x00ment ") == ("pay", "ment")
    assert len(folding.words(" ".join(map(str, range(50))))) == folding.MOST_WORDS
    assert folding.words("  ") == ()


@given(st.text(max_size=80), st.lists(st.text(min_size=1, max_size=4), max_size=3))
def test_marking_loses_no_letter(text: str, wanted: list[str]) -> None:
    folded = [folding.fold(one) for one in wanted]
    assert "".join(piece for piece, _ in folding.parts(text, folded)) == text


def test_the_letters_that_matched_are_marked_as_they_were_written() -> None:
    assert list(folding.parts("Die Straße", ["strass"])) == [
        ("Die ", False),
        ("Straß", True),
        ("e", False),
    ]


@given(st.text(max_size=400), st.text(min_size=1, max_size=5))
def test_an_excerpt_is_short_and_holds_the_word(text: str, word: str) -> None:
    wanted = folding.words(word)
    found = folding.excerpt(text, wanted)
    assert len(found) <= 60 + 2 * 60 + len("……")
    if any(hit for _, hit in folding.parts(text, wanted)):
        assert any(hit for _, hit in folding.parts(found, wanted))


@pytest.mark.parametrize(
    ("slip", "meant"),
    [("chekout", "checkout"), ("Chekcout", "checkout"), ("fulfilement-3", "fulfilment-3")],
)
def test_a_slip_leads_to_the_name_that_was_meant(slip: str, meant: str) -> None:
    names = ["checkout", "fulfilment-3", "stock-1", *(f"service-{n}" for n in range(2000))]
    assert folding.nearest(slip, names)[0] == meant


def test_what_is_like_nothing_leads_nowhere() -> None:
    assert folding.nearest("xyzzy", ["checkout", "stock"]) == ()
