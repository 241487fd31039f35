"""How long to wait between attempts, where each wait is twice the one before."""


def doubled(*, first: float, most: float, attempts: int) -> float:
    """Return the seconds to wait after so many attempts."""
    return float(min(most, first * 2.0 ** min(attempts - 1, 16)))


def doubling(*, first: float, most: float, attempts: int) -> tuple[float, ...]:
    """Return the waits between so many attempts."""
    return tuple(doubled(first=first, most=most, attempts=n) for n in range(1, attempts))
