"""What tests of transports share: a receiver on loopback."""

from collections.abc import Iterator

import pytest

from tests.support.outside import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    stop = made.start()
    yield made
    stop()
