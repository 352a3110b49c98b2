"""Sums of prices, some of them undocumented."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from mjpipe.domain.money import ZERO, Usd, decimal_text, dollars


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A sum of prices: `usd` adds up the documented ones; `priced` and `unpriced` count them and the others."""

    usd: Usd = ZERO
    priced: int = 0
    unpriced: int = 0

    @classmethod
    def of(cls, prices: Iterable[Usd | None]) -> Self:
        """None is a price that is not documented."""
        prices = [*prices]
        priced = [price for price in prices if price is not None]
        return cls(usd=Usd(sum(priced, ZERO)), priced=len(priced), unpriced=len(prices) - len(priced))

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(
            usd=Usd(self.usd + other.usd),
            priced=self.priced + other.priced,
            unpriced=self.unpriced + other.unpriced,
        )

    @property
    def count(self) -> int:
        return self.priced + self.unpriced

    @property
    def text(self) -> str | None:
        """Decimal text for machines, None when nothing in the sum has a documented price."""
        return None if self.unpriced and not self.priced else decimal_text(self.usd)

    @property
    def parts(self) -> tuple[str, str]:
        """For people: the sum, and what is not in it: `$2.40` and `+ 3 unpriced`, or `3 unpriced` alone."""
        unpriced = f"{self.unpriced} unpriced" if self.unpriced else ""
        if self.unpriced and not self.priced:
            return unpriced, ""
        return dollars(self.usd), f"+ {unpriced}" if unpriced else ""

    def __str__(self) -> str:
        """`$2.40`, `$2.40 + 3 unpriced`, `3 unpriced`"""
        return " ".join(self.parts).rstrip()


class RunningAmount:
    """Adds up prices one by one."""

    __slots__ = ("_priced", "_unpriced", "_usd")

    def __init__(self) -> None:
        self._usd = ZERO
        self._priced = 0
        self._unpriced = 0

    def add(self, price: Usd | None) -> None:
        """None is a price that is not documented."""
        if price is None:
            self._unpriced += 1
        else:
            self._usd = Usd(self._usd + price)
            self._priced += 1

    @property
    def amount(self) -> Amount:
        return Amount(usd=self._usd, priced=self._priced, unpriced=self._unpriced)
