"""YAML that every reader reads back as what was written."""

from decimal import Decimal

import pytest
import yaml as reader

from andon.telemetry.rules import yaml


@pytest.mark.parametrize("word", ["yes", "on", "y", "Null", "~", "1", "1e3", "", "a: b", "#", "-"])
def test_words_that_yaml_takes_for_something_else_stay_text(word):
    assert reader.safe_load(yaml.dump({word: word})) == {word: word}


def test_text_beyond_the_basic_plane_is_itself_and_what_is_not_printed_is_escaped():
    assert yaml.text("é ☃ 😀") == '"é ☃ 😀"'
    odd = "a\x7fb\x85c\u2028d\ufeffe\x00f\ng\U000e0001"
    text = yaml.text(odd)
    assert text.isascii()
    assert reader.safe_load(text) == odd


def test_it_is_block_style_in_the_order_given():
    found = yaml.dump({"b": [{"x": 1, "c": [2, "3"]}, []], "a": {}, "d": Decimal("0.0144")})
    assert found == ('b:\n  - x: 1\n    c:\n      - 2\n      - "3"\n  - []\na: {}\nd: 0.0144\n')


def test_what_has_no_place_in_yaml_is_refused():
    with pytest.raises(TypeError):
        yaml.dump({"a": object()})
