"""Reads: a portfolio from a folder or from the live catalogue, the same for the same files.

`portfolio_from_folder` needs neither Django nor a database.
"""

from datetime import datetime

from andon.planning.queries.folder import UnableToReadPortfolio, portfolio_from_folder
from andon.planning.types import Portfolio


def portfolio_live(*, now: datetime, measured: bool = True) -> Portfolio:
    """Return the portfolio of the applied catalogue, calibrated by Andon's own incidents.

    With `measured=False` the incidents are left out: it then equals that of the folder applied.
    """
    from andon.planning.queries.live import read  # noqa: PLC0415 - needs Django, a folder does not

    return read(now=now, measured=measured)


__all__ = ["UnableToReadPortfolio", "portfolio_from_folder", "portfolio_live"]
