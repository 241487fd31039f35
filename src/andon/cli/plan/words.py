"""What several pages say."""

from decimal import Decimal

from andon.planning.types import OperatingModel, Portfolio


def assumed(portfolio: Portfolio) -> tuple[str, ...]:
    """Return the defaults nobody has replaced."""
    return tuple(f"assumed, {line}" for line in portfolio.assumptions.defaults)


def number(value: Decimal | None, none: str) -> str:
    """Return a number of two decimals at most, or a word for none."""
    if value is None:
        return none
    return f"{round(value, 2).normalize():f}"


def model_name(model: OperatingModel) -> str:
    """Return an operating model as people write it: You Build It You Run It."""
    return " ".join(one.upper() if one == "sre" else one.title() for one in model.split("-"))
