"""Exact dollars."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import NewType

Usd = NewType("Usd", Decimal)
"""An amount in US dollars, exact; prices and sums have at most six decimals."""

ZERO = Usd(Decimal(0))
MICRO_USD = Decimal("0.000001")
"""A millionth of a dollar; every amount is a whole number of them."""
LARGEST = Decimal(10**12)
"""Amounts are below it, so that whole millionths fit into SQLite's 64 bits."""


def usd(text: str) -> Usd:
    """The amount written as `0.30`.

    Raises ValueError for what is not a finite decimal number, and for what cannot be stored exactly: more than six
    decimals, or a trillion dollars and more.
    """
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"`{text}` is not an amount in dollars") from None
    if not amount.is_finite():
        raise ValueError(f"`{text}` is not an amount in dollars")
    if amount.copy_abs() >= LARGEST:  # `abs` would round, and fail for some exponents
        raise ValueError(f"`{text}` is too large: amounts are below ${LARGEST:,}")
    if amount != amount.quantize(MICRO_USD, rounding=ROUND_HALF_EVEN):
        raise ValueError(f"`{text}` has more than six decimals")
    return Usd(amount) if amount else ZERO  # `0e999999999` would keep its exponent


def micros(amount: Usd) -> int:
    """Whole millionths of a dollar: how amounts are stored and added up without rounding."""
    return int(amount / MICRO_USD)


def from_micros(count: int) -> Usd:
    return Usd(count * MICRO_USD)


def decimal_text(amount: Usd) -> str:
    """Plain decimal text with at least two decimals, for machines: `0.30`, `0.125`."""
    plain = f"{amount.normalize():f}"
    whole, _, fraction = plain.partition(".")
    return f"{whole}.{fraction:0<2}"


def dollars(amount: Usd) -> str:
    """The amount for people: `$0.30`, `$1,234.50`, `-$2.00`."""
    whole, _, fraction = decimal_text(Usd(abs(amount))).partition(".")
    return f"{'-' if amount < 0 else ''}${int(whole):,}.{fraction}"
