"""The living sample as `make run` starts it, in a process of its own, on a Friday night."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from andon.core import clock
from tests.support import clocks
from tests.support.installation import Installation, eventually, installation

#: When working hours are over, most rotas answer nobody and what has no cover is held.
AT = datetime(2026, 11, 27, 22, 3, tzinfo=UTC)
PEOPLE = ("ben", "priya", "rowan", "admin")


@dataclass(frozen=True, slots=True)
class Living:
    """A running sample: its address, the password of its people, and its database to look into."""

    andon: Installation
    password: str
    #: The acknowledge link of the drill's page.
    link: str

    @property
    def url(self) -> str:
        return self.andon.url

    def one(self, sql: str) -> str:
        """Return the first column of the first row, as text."""
        [(found,), *_] = self.andon.rows(sql)
        return str(found)

    def all(self, sql: str) -> Sequence[str]:
        return [str(row[0]) for row in self.andon.rows(sql)]


@contextmanager
def living(home: Path) -> Iterator[Living]:
    """Yield a living sample whose drill has paged somebody."""
    shift = (AT - clock.now()) + clocks.wound.shift
    path = os.pathsep.join(filter(None, (str(clocks.ELSEWHEN), os.environ.get("PYTHONPATH", ""))))
    environ = {clocks.SHIFT: str(shift.total_seconds()), "PYTHONPATH": path}
    with installation(home, environ=environ) as andon:
        running = andon.start("up", "--sample", line="paged    ")
        said = running.log.read_text(encoding="utf-8")
        password = re.search(r"with the password (\S+) as", said)
        assert password is not None, said
        links = eventually(
            lambda: re.findall(r"Acknowledge: (\S+)", running.log.read_text(encoding="utf-8")),
            what="the mail of the drill",
        )
        yield Living(andon, password[1], links[0].removeprefix(andon.url))
