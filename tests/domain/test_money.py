"""Amounts are read exactly, or not at all."""

import pytest

from mjpipe.domain import usd


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "`` is not an amount in dollars"),
        ("ten", "`ten` is not an amount in dollars"),
        ("NaN", "`NaN` is not an amount in dollars"),
        ("-Infinity", "`-Infinity` is not an amount in dollars"),
        ("1e400", "`1e400` is too large: amounts are below $1,000,000,000,000"),
        ("-1e999999", "`-1e999999` is too large: amounts are below $1,000,000,000,000"),
        ("1e999999999", "`1e999999999` is too large: amounts are below $1,000,000,000,000"),
        ("1e-999999999", "`1e-999999999` has more than six decimals"),
        ("1000000000000", "`1000000000000` is too large: amounts are below $1,000,000,000,000"),
        ("0.0000001", "`0.0000001` has more than six decimals"),
        ("1e-400", "`1e-400` has more than six decimals"),
        ("999999999999.9999999", "`999999999999.9999999` has more than six decimals"),
    ],
)
def test_what_cannot_be_kept_exactly_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"dollars|large|decimals") as refused:
        usd(text)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("text", "written"), [("0", "0"), ("0e999999999", "0"), ("1e2", "100"), ("999999999999.999999",) * 2]
)
def test_what_can_be_kept_exactly_is_kept(text: str, written: str) -> None:
    assert f"{usd(text):f}" == written
