"""Kinds are known once they are declared, and one that nobody declares is an error that says so."""

from dataclasses import dataclass

import pytest

from andon.core.kinds import Kinds, UnknownKind


@dataclass(frozen=True)
class Colour:
    name: str


def colours(*names: str) -> Kinds[Colour]:
    found = Kinds[Colour]("kind of colour")
    found.declare(Colour(name) for name in names)
    return found


def test_kinds_come_in_the_order_of_their_names() -> None:
    found = colours("red", "blue")
    assert found.names() == ["blue", "red"]
    assert [one.name for one in found] == ["blue", "red"]
    assert "red" in found
    assert found.of("red") == found.get("red") == Colour("red")


def test_a_kind_that_nobody_declares_is_an_error_that_names_those_there_are() -> None:
    found = colours("red", "blue")
    assert "green" not in found
    assert found.get("green") is None
    with pytest.raises(UnknownKind, match="the kind of colour 'green'; known: blue, red"):
        found.of("green")


def test_nobody_is_told_that_there_are_none_before_anybody_looked() -> None:
    with pytest.raises(UnknownKind, match="no kind of colour is declared yet"):
        Kinds[Colour]("kind of colour").names()
