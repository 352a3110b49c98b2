"""What templates may not grow beyond, and operations on texts that keep to it."""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

from jinja2.exceptions import SecurityError

OUTPUT_LIMIT = 100_000
"""Characters that a template, or a value inside one, may grow to: ten times what any field takes."""

RANGE_LIMIT = 1_000
_BITS = 4_096
_AT_ONCE = 50

_WIDE = re.compile(r"%(?:\([^)]*\))?[^%a-zA-Z]*(?:\*|\d{4,})")


def bounded_text(parts: Iterable[str]) -> str:
    """The parts as one text, given up as soon as it is too long."""
    rest = iter(parts)
    text = ""
    while True:
        some = list(islice(rest, _AT_ONCE))
        text += "".join(some)
        if len(text) > OUTPUT_LIMIT:
            raise _too_long()
        if len(some) < _AT_ONCE:
            return text


def refuse_growth(operator: str, left: Any, right: Any) -> None:
    match operator, left, right:
        case "+", (str() | list() | tuple()), (str() | list() | tuple()):
            size = len(left) + len(right)
        case "*", (str() | list() | tuple()), int():
            size = len(left) * right
        case "*", int(), (str() | list() | tuple()):
            size = left * len(right)
        case "*", int(), int() if left.bit_length() + right.bit_length() > _BITS:
            size = OUTPUT_LIMIT + 1
        case "**", _, int() if abs(right) * max(1, int(left).bit_length()) > _BITS:
            size = OUTPUT_LIMIT + 1
        case "%", str(), _:
            size = OUTPUT_LIMIT + 1 if _WIDE.search(left) else 0
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
    whole = str(text)
    if len(whole) + (whole.count(old) + 1) * len(new) > OUTPUT_LIMIT:
        raise _too_long()
    return whole.replace(old, new, -1 if count is None else count)


def texts_joined(between: str, parts: Iterable[Any]) -> str:
    texts = list(map(str, parts))
    if sum(map(len, texts)) + len(texts) * len(between) > OUTPUT_LIMIT:
        raise _too_long()
    return between.join(texts)


def zero_filled(text: str, width: int) -> str:
    if width > OUTPUT_LIMIT:
        raise _too_long()
    return text.zfill(width)


def formatted(template: Any, *values: Any) -> str:
    pattern: str = str(template)
    if _WIDE.search(pattern):
        raise _too_long()
    return str(pattern % values)


def _too_long() -> SecurityError:
    return SecurityError(f"a template may not make more than {OUTPUT_LIMIT} characters")
