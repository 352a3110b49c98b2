"""Amounts of money in a manifest."""

import re

from mjpipe.domain import Diagnostic, Place, Usd, usd

_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]+)?|\.[0-9]+")


def amount(written: str, place: Place, what: str) -> Usd | Diagnostic:
    """The exact amount as written; it never passes through a float."""
    written = written.strip()
    if not _AMOUNT.fullmatch(written):
        message = f"{what}: `{written}` is not an amount in dollars"
        return Diagnostic(place=place, code="MJ041", message=message, help="write it as `12.50`")
    try:
        return usd(written)
    except ValueError:
        return Diagnostic(place=place, code="MJ041", message=f"{what}: `{written}` has more than six decimals")
