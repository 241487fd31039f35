"""How dashboards put things into words and units."""

import re

#: Currencies that Grafana has a unit for; others are written before the number.
_UNITS = frozenset(
    {"USD", "GBP", "EUR", "JPY", "RUB", "UAH", "BRL", "DKK", "ISK", "NOK", "SEK", "CZK", "CHF"}
    | {"PLN", "ZAR", "INR", "KRW", "IDR", "PHP", "VND"}
)
_MARKED = re.compile(r"([\\`*_{}\[\]<>()#+!|&$-])")


def currency_unit(currency: str) -> str:
    """Return Grafana's unit for amounts of a currency."""
    return f"currency{currency}" if currency in _UNITS else f"currency:{currency} "


def plain(text: str) -> str:
    """Return a text on one line, without anything that Markdown would take for its own."""
    return _MARKED.sub(r"\\\1", " ".join(text.split()))


def link(title: str, url: str) -> str:
    """Return a Markdown link; parentheses and blanks of the address are encoded."""
    safe = url.replace(" ", "%20").replace("(", "%28").replace(")", "%29").replace("<", "%3C")
    return f"[{plain(title)}]({safe})"
