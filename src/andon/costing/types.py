"""The values this package speaks in."""

from dataclasses import dataclass

from andon.core.money import Money


@dataclass(frozen=True, slots=True)
class CalloutLine:
    """One line of a callout's bill: for whom, how it was worked out in words, and the pay."""

    whom: str
    reason: str
    pay: Money


@dataclass(frozen=True, slots=True)
class Callout:
    """What a callout costs, and the working. `total` is the sum of the lines, to the minor unit."""

    total: Money
    lines: tuple[CalloutLine, ...]
    #: False while the incident lasts: the figure still grows.
    final: bool = True
