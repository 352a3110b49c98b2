"""Size limits for templates, and operations on texts that keep within them."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from jinja2.exceptions import SecurityError
from jinja2.filters import do_round

from mjpipe.plan.templates.values.value_faults import refuse_letters, refuse_list

OUTPUT_LIMIT = 100_000
"""Characters that a template, or a value in it, may have: ten times what any field takes."""

RANGE_LIMIT = 1_000

STEP_LIMIT = 100_000
"""Steps that one rendering may take."""

DEPTH_LIMIT = 30
"""How deep macros, included files and recursive loops may call each other, and lists may be nested."""

_PRECISION = 100
_BITS = 4_096
_AT_ONCE = 50

_WIDE = re.compile(r"%(?:\([^)]*\))?[^%a-zA-Z]*(?:\*|\d{4,})")


def bounded_text(parts: Iterable[str]) -> str:
    """The parts as one text; raises SecurityError as soon as it is too long."""
    rest = iter(parts)
    text = ""
    while True:
        some = list(islice(rest, _AT_ONCE))
        text += "".join(some)
        if len(text) > OUTPUT_LIMIT:
            raise _too_long()
        if len(some) < _AT_ONCE:
            return text


def bounded_value(value: Any) -> Any:
    """The value; raises SecurityError for a text or a list that is too long."""
    if isinstance(value, str | list | tuple) and len(value) > OUTPUT_LIMIT:
        raise _too_long()
    return value


def refuse_growth(operator: str, left: Any, right: Any) -> None:
    match operator, left, right:
        case "+", (str() | list() | tuple()), (str() | list() | tuple()):
            size = len(left) + len(right)
        case "*", (str() | list() | tuple()), int():
            size = len(left) * right
        case "*", int(), (str() | list() | tuple()):
            size = left * len(right)
        case "*", int(), int() if left.bit_length() + right.bit_length() > _BITS:
            raise _too_large()
        case "**", _, int() if abs(right) * max(1, int(left).bit_length()) > _BITS:
            raise _too_large()
        case _:
            size = 0
    if size > OUTPUT_LIMIT:
        raise _too_long()


def bounded_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > RANGE_LIMIT:
        raise SecurityError(f"a range has at most {RANGE_LIMIT} numbers here")
    return numbers


bounded_range.__name__ = "range"  # what templates call it


def replaced(text: Any, old: str, new: str, count: int | None = None) -> str:
    refuse_list(text)
    whole = str(text)
    if len(whole) + (whole.count(old) + 1) * len(new) > OUTPUT_LIMIT:
        raise _too_long()
    return whole.replace(old, new, -1 if count is None else count)


def texts_joined(between: str, parts: Iterable[Any]) -> str:
    parts = list(refuse_letters(parts, by="`join`"))
    for part in parts:
        refuse_list(part)
    texts = list(map(str, parts))
    if sum(map(len, texts)) + len(texts) * len(between) > OUTPUT_LIMIT:
        raise _too_long()
    return between.join(texts)


def zero_filled(text: str, width: int) -> str:
    if width > OUTPUT_LIMIT:
        raise _too_long()
    return text.zfill(width)


def formatted(template: Any, *values: Any) -> str:
    return formatted_with(str(template), values)


def formatted_with(pattern: str, values: Any) -> str:
    """`pattern % values`"""
    if _WIDE.search(pattern):
        raise _too_long()
    named = isinstance(values, Mapping) and "%(" in pattern
    for value in () if named else values if isinstance(values, tuple) else (values,):
        refuse_list(value)
    return pattern % (_Counted(values) if isinstance(values, Mapping) else values)


class _Counted:
    """A mapping for a pattern that may use the same long value repeatedly."""

    def __init__(self, values: Mapping[Any, Any]) -> None:
        self._values = values
        self._length = 0

    def __getitem__(self, name: Any) -> Any:
        value = self._values[name]
        refuse_list(value)
        self._length += len(str(value))
        if self._length > OUTPUT_LIMIT:
            raise _too_long()
        return value


def rounded(value: Any, precision: int = 0, method: str = "common") -> float:
    """Jinja's `round`, for numbers only: it would repeat a text 10 to the power of `precision` times."""
    if isinstance(value, str):
        raise TypeError("`round` takes a number: convert the text with `| float`")
    if abs(precision) > _PRECISION:
        raise SecurityError(f"`round` takes at most {_PRECISION} digits")
    return do_round(value, precision, method)  # type: ignore[arg-type]  # it says which methods there are


def is_even(value: Any) -> bool:
    return _modulo(value, 2) == 0


def is_odd(value: Any) -> bool:
    return _modulo(value, 2) == 1


def is_divisible(value: Any, number: Any) -> bool:
    return _modulo(value, number) == 0


def _modulo(value: Any, number: Any) -> float:
    """For numbers only: with a text, `%` would make another text, as wide as that says."""
    if isinstance(value, str):
        raise TypeError("only a number is odd, even or divisible: convert the text with `| int`")
    return value % number  # type: ignore[no-any-return]  # a fault when these are no numbers


def _too_long() -> SecurityError:
    return SecurityError(f"a template may produce at most {OUTPUT_LIMIT} characters")


def _too_large() -> SecurityError:
    return SecurityError("a number is too large")
