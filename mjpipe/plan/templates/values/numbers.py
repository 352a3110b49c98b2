"""Texts that are numbers: as templates compare them, and as people write them."""

import re
from functools import cache, lru_cache
from math import isfinite
from typing import Any, Final, TypeAlias

from jinja2.filters import do_float, do_int

from mjpipe.manifest import short
from mjpipe.plan.templates.values.value_faults import NAMED, ValueFault, refuse_list, shown, text_of

Number: TypeAlias = int | float

_PLAIN = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?")
_LONGEST = 60
"""Characters of a number as people write it. Longer texts are something else."""

_SIGNS = "$\u00a2-\u00a5\u058f\u060b\u09f2\u09f3\u0e3f\u17db\u20a0-\u20cf\ufdfc\ufe69\uff04\uffe0\uffe1\uffe5\uffe6"
"""Signs of currencies, as a range of a regular expression."""

_CURRENCY = f"(?:[A-Z]{{3}}|[A-Z]{{0,3}}[{_SIGNS}])"
_MINUS = "\u2212"
_OTHER_SIGN = {".": ",", ",": "."}

_NO_DEFAULT: Final = object()


@lru_cache(maxsize=4_096)  # many rows have the same numbers
def number_in(text: str) -> Number | None:
    """The number that a text is: `-?digits[.digits]`, white space around it aside; None for any other text."""
    text = text.strip()
    if not _PLAIN.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)


def number(value: Any, decimal: str = ".", default: Any = None) -> Any:
    """The number that a text says as people write it, a whole one where it has no fraction.

    Around it, currency signs and codes are read over. Within it, `decimal` begins the fraction; the other sign, spaces
    and apostrophes may only stand before groups of three digits. A blank gives the `default` if there is one.
    """
    if decimal not in _OTHER_SIGN:
        raise TypeError("`number` takes `decimal='.'` or `decimal=','`")
    refuse_list(value)
    if isinstance(value, int | float) and isfinite(value):
        return value
    text = text_of(value)
    if default is not None and not text.strip():
        return default
    read = _read(text, decimal)
    if read is None:
        raise ValueFault(
            "MJ069", "is not a number that `number` reads", value=value, help=_advice(text, "number", decimal)
        )
    return read


def fraction(value: Any, default: Any = _NO_DEFAULT) -> Any:
    """Jinja's `float`, which fails where no default is given instead of counting as 0."""
    refuse_list(value)
    read = do_float(value, default)
    if read is _NO_DEFAULT or (default is _NO_DEFAULT and not isfinite(read)):
        raise _unreadable(value, "float")
    return read


def whole(value: Any, default: Any = _NO_DEFAULT, base: int = 10) -> Any:
    """Jinja's `int`, which fails where no default is given instead of counting as 0."""
    refuse_list(value)
    read = do_int(value, default, base)
    if read is _NO_DEFAULT:
        raise _unreadable(value, "int")
    return read


fraction.__name__ = "float"  # what templates call them
whole.__name__ = "int"


def not_a_number(value: str, column: str | None) -> ValueFault:
    """For a text that is compared with a number."""
    problem = "is compared with a number, and is not written as one"
    return ValueFault("MJ069", problem, value=value, help=_advice(value), column=column)


def refuse_repetition(left: Any, right: Any) -> None:
    """Raises ValueFault for a text that is a number and would be repeated: `45 * 2` would be 4545."""
    text, times = (left, right) if isinstance(left, str) else (right, left)
    if isinstance(text, str) and isinstance(times, int) and number_in(text) is not None:
        advice = f"write `{NAMED} | number`"
        raise ValueFault("MJ069", "is text, which `*` would repeat", value=text, help=advice, of_template=True)


def _unreadable(value: Any, reader: str) -> ValueFault:
    return ValueFault(
        "MJ069", f"is not a number that `{reader}` reads", value=value, help=_advice(text_of(value), reader)
    )


def _advice(text: str, reader: str = "", decimal: str = "") -> str:
    """What to write for a text that is not read as a number, by a filter or in a comparison."""
    if not text.strip():
        if reader:
            default = "default=0" if reader == "number" else "0"
            return f"the cell is empty: `{NAMED} | {reader}({default})` gives 0 for it"
        return "the cell is empty"
    for sign in _OTHER_SIGN:
        if sign != decimal and _read(text, sign) is not None:
            arguments = "" if sign == "." else "(decimal=',')"
            return f"for `{short(shown(text))}` write `{NAMED} | number{arguments}`"
    return f"`{short(shown(text))}` has to be digits, with a point before decimals"


def _read(text: str, decimal: str) -> Number | None:
    if len(text) > _LONGEST:
        return None
    found = _written(decimal).fullmatch(text.strip().replace(_MINUS, "-"))
    if found is None or (found[1] and found[2]) or not (found[3] or found[5]):
        return None
    digits = found[3] or "0"
    if found[4]:
        digits = digits.replace(found[4], "")
    sign = found[1] or found[2] or ""
    if found[5] and found[5].strip("0"):
        return float(f"{sign}{digits}.{found[5]}")
    return int(sign + digits)


@cache
def _written(decimal: str) -> re.Pattern[str]:
    """Compiled when the first cell is read, not at every start. No part of it can match in two ways."""
    groups = rf"[1-9][0-9]{{0,2}}([ \u00a0\u2009\u202f'\u2019{_OTHER_SIGN[decimal]}])[0-9]{{3}}(?:\4[0-9]{{3}})*"
    return re.compile(
        rf"(-)?\s*(?:{_CURRENCY}\s*)?(-)?\s*({groups}|[0-9]+)?(?:[{decimal}]([0-9]+))?\s*(?:{_CURRENCY})?"
    )
