"""Money: integer minor units with an ISO 4217 currency. Currencies are never mixed.

People read one form: `str(amount)`, rounded by its size, or `about(amount)` where the figure rests
on what nobody declared. Every penny stands in `amount.exact`, for workings, files and programs.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

#: Currencies whose minor unit is not a hundredth (ISO 4217, table A.1).
_EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
#: ISO 4217, table A.1 (2026), without funds, metals and codes for testing.
CURRENCIES = frozenset(
    re.findall(
        "[A-Z]{3}",
        """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
    CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD
    KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO
    NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE
    SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND
    VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """,
    )
)
_CURRENCY = re.compile(r"[A-Z]{3}")
_TEXT = re.compile(r"([A-Za-z]{3})\s+(-?[0-9][0-9_,]*(?:\.[0-9]+)?)")


#: In major units: more than all the money there is, and less than a database's whole numbers hold.
MOST = 10**15


#: From here on in words. An amount for people has three digits then, one that is about right two.
_SIZES = ((12, "trillion"), (9, "billion"), (6, "million"))
_LARGE = 10**6
_DIGITS, _ABOUT = 3, 2
#: Below so much, in major units, pennies are worth a word.
_SMALL = 10


class UnreadableMoney(ValueError):
    """The text is not an amount of money such as `GBP 200000`."""


def exponent(currency: str) -> int:
    """Return how many decimals a currency has."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in integer minor units (pence, cents) of one currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not _CURRENCY.fullmatch(self.currency):
            raise UnreadableMoney(f"{self.currency!r} is not an ISO 4217 currency code")

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Return nothing, in a currency."""
        return cls(0, currency)

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> "Money":
        """Return an amount in major units, rounded half-even once to the minor unit."""
        scaled = amount.scaleb(exponent(currency))
        return cls(int(scaled.to_integral_value(rounding=ROUND_HALF_EVEN)), currency)

    @classmethod
    def parse(cls, text: str) -> "Money":
        """Read `GBP 200000` or `GBP 12.50`. Raises UnreadableMoney, which says what is expected."""
        match = _TEXT.fullmatch(text.strip())
        if match is None:
            raise UnreadableMoney(
                f"{text!r} is not money; write a currency and a number: GBP 200000"
            )
        currency = match.group(1).upper()
        try:
            amount = Decimal(match.group(2).replace(",", "").replace("_", ""))
        except InvalidOperation as error:
            raise UnreadableMoney(f"{text!r} has no readable number") from error
        if abs(amount) >= MOST:
            raise UnreadableMoney(f"{text[:80]!r} is more than there is; write less than {MOST:,}")
        if amount != round(amount, exponent(currency)):
            raise UnreadableMoney(f"{text!r} is finer than the minor unit of {currency}")
        return cls.of(amount, currency)

    @property
    def amount(self) -> Decimal:
        """Return the amount in major units."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def scaled(self, factor: Decimal) -> "Money":
        """Return this amount times a factor, rounded half-even to the minor unit."""
        product = Decimal(self.minor) * factor
        return Money(int(product.to_integral_value(rounding=ROUND_HALF_EVEN)), self.currency)

    @property
    def exact(self) -> str:
        """Return every penny, as a working, a file or a program has it: `GBP 1,666.67`."""
        places = exponent(self.currency)
        return f"{self.currency} {self.amount:,.{places}f}"

    def __str__(self) -> str:
        """Return the amount for people: `GBP 1,667`, `GBP 2.50`, `GBP 1.23 million`.

        Less than 5% off, and never nothing where there is something.
        """
        return _said(self.amount, self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"cannot combine {self.currency} with {other.currency}")
        return other.minor


def about(amount: Money) -> str:
    """Return an amount that rests on what nobody declared: `about GBP 40 million`, two digits."""
    if not amount.minor:
        return str(amount)
    return f"about {_said(_to_digits(amount.amount, _ABOUT), amount.currency)}"


def change(amount: Money) -> str:
    """Return an amount that is added or taken away, with its sign: `+GBP 40`."""
    return f"+{amount}" if amount.minor > 0 else str(amount)


def per_minute(per_hour: Money) -> Money:
    """Return what a minute costs when an hour costs this much."""
    return per_hour.scaled(Decimal(1) / 60)


def _said(amount: Decimal, currency: str) -> str:
    size = abs(amount)
    if round(size) >= _LARGE:
        number = _in_words(_to_digits(size, _DIGITS))
    elif size >= _SMALL or size == size.to_integral_value():
        number = f"{round(size):,}"
    else:
        number = f"{size:.{exponent(currency)}f}"
    sign = "\u2212" if amount < 0 else ""
    return f"{sign}{currency} {number}"


def _in_words(amount: Decimal) -> str:
    power, word = next(one for one in _SIZES if amount >= 10 ** one[0])
    number = amount.scaleb(-power)
    whole = number == number.to_integral_value()
    return f"{number:,.0f} {word}" if whole else f"{number.normalize():f} {word}"


def _to_digits(amount: Decimal, digits: int) -> Decimal:
    """Return an amount with so many digits that matter, rounded half to even."""
    step = Decimal(1).scaleb(amount.adjusted() - digits + 1)
    return amount.quantize(step, rounding=ROUND_HALF_EVEN)
