"""Amounts of money in a manifest."""

import re

from mjpipe.domain import Diagnostic, Place, Usd, usd
from mjpipe.manifest.written_values import number_help

_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]+)?|\.[0-9]+")


def amount(written: str, place: Place, what: str) -> Usd | Diagnostic:
    """The exact amount as written; it never passes through a float."""
    written = written.strip()
    if not _AMOUNT.fullmatch(written):
        message = f"{what}: `{written}` is not an amount in dollars"
        return Diagnostic(place=place, code="MJ041", message=message, help=_help(written))
    try:
        return usd(written)
    except ValueError:
        return Diagnostic(place=place, code="MJ041", message=f"{what}: `{written}` has more than six decimals")


def _help(written: str) -> str:
    advice = number_help(written, whole=False) if re.search(r"[0-9]", written) else None
    return advice or "write it as `12.50`"
