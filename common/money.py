"""Money: whole minor units and a currency, never a float."""

from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision

# ISO 4217 currencies whose smallest unit is the unit itself or a thousandth; all others: a
# hundredth. Babel's data gives cash rounding for a few of them, so the exponents stand here.
_ZERO_DECIMAL = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THREE_DECIMAL = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


def exponent(currency: str) -> int:
    """Return how many decimals the currency's minor unit has: VND 0, USD 2, KWD 3."""
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """`minor` counts the smallest unit: 150000 VND is 150000, 15.00 USD is 1500."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        """Refuse anything but whole minor units and a three-letter upper-case code."""
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError("money counts whole minor units")
        if len(self.currency) != len("VND") or not self.currency.isupper():
            raise ValueError(f"not an ISO 4217 code: {self.currency!r}")

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")

    def __add__(self, other: "Money") -> "Money":
        """Return the sum; raises ValueError when the currencies differ."""
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """Return the difference; raises ValueError when the currencies differ."""
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    @property
    def major(self) -> Decimal:
        """Return the amount in the unit people speak of."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def percent(self, share: int) -> "Money":
        """Return that many percent, rounded half up to the minor unit."""
        return Money((self.minor * share * 2 + 100) // 200, self.currency)

    def display(self, locale: str = "en") -> str:
        """Return the amount as people of the locale write it, with the currency's own decimals."""
        precision_matches = get_currency_precision(self.currency) == exponent(self.currency)
        return format_currency(
            self.major,
            self.currency,
            locale=locale.replace("-", "_"),
            currency_digits=precision_matches,
            decimal_quantization=precision_matches,
        )
