"""Options of `andon plan` as people write them, and what is said when one cannot be read."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NoReturn, TypeVar

import typer

from andon.catalogue.types.forms import UnreadableTarget
from andon.core.money import Money, UnreadableMoney

if TYPE_CHECKING:
    from andon.planning.types import Portfolio

T = TypeVar("T")


def read(option: str, text: str, parse: Callable[[str], T]) -> T | None:
    """Return an option's value, None when it is not given; stop when it cannot be read."""
    if not text:
        return None
    try:
        return parse(text)
    except (UnreadableMoney, UnreadableTarget, ValueError, InvalidOperation) as error:
        said = str(error) if not isinstance(error, InvalidOperation) else f"{text!r} is no number"
        stop(f"{option}: {said}")


def share(text: str) -> Decimal:
    """Read 50% or 0.5."""
    found = growth(text)
    if not 0 <= found <= 1:
        raise ValueError(f"{text!r} is not a share; write 50% or 0.5")
    return found


def growth(text: str) -> Decimal:
    """Read 20% or 0.2."""
    found = Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    if not found.is_finite() or not -1 <= found <= 100:
        raise ValueError(f"{text!r} is not a growth; write 20% or 0.2")
    return found


def weight(text: str) -> Decimal:
    """Read a weight from 0 to 100."""
    found = Decimal(text)
    if not found.is_finite() or not 0 <= found <= 100:
        raise ValueError(f"{text!r} is not a weight from 0 to 100")
    return found


def positive(text: str) -> Decimal:
    """Read incidents a year."""
    found = Decimal(text)
    if not found.is_finite() or not 0 <= found <= 100_000:
        raise ValueError(f"{text!r} is not a number of incidents a year")
    return found


def money(portfolio: "Portfolio") -> Callable[[str], Money]:
    """Return a reader of amounts in the currency of the books."""

    def parse(text: str) -> Money:
        found = Money.parse(text)
        if found.minor < 0 or found.currency != portfolio.currency:
            raise ValueError(f"{text!r} is not an amount of 0 or more in {portfolio.currency}")
        return found

    return parse


def hours(text: str) -> tuple[int, int]:
    """Read 06:00-22:00, or 22:00-06:00 overnight, as minutes of the day."""
    first, dash, last = text.partition("-")
    parts = [one.split(":") for one in (first, last)]
    if not dash or any(len(one) != 2 for one in parts):
        raise ValueError(f"{text!r} is not hours; write 06:00-22:00")
    starts, ends = (int(hours) * 60 + int(minutes) for hours, minutes in parts)
    if not (0 <= starts < 24 * 60 and 0 <= ends <= 24 * 60):
        raise ValueError(f"{text!r} are no times of a day")
    return starts, ends


def stop(message: str) -> NoReturn:
    """Say why on the error stream and end with 1."""
    typer.secho(message, fg="red", err=True)
    raise typer.Exit(1)
