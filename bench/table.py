"""What a bench reports: rows of one table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement.

    `peer` is what a peer reached in the same run on the same machine, `ratio` ours over theirs;
    both None where there is no peer. `target` says what was wanted, `ok` whether it was reached.
    """

    name: str
    measured: float
    unit: str
    peer: float | None
    ratio: float | None
    target: str
    ok: bool
