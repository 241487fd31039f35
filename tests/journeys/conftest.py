"""A world per journey, and no message in it that nobody expected."""

from collections.abc import Iterator

import pytest

from tests.support.world import World


@pytest.fixture
def world(db: None) -> Iterator[World]:
    made = World()
    yield made
    made.expect.nothing()
