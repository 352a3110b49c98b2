"""Compares values of templates: a text beside a number is read as one."""

import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mjpipe.manifest import short
from mjpipe.plan.templates.values.former_reading import FormerReading
from mjpipe.plan.templates.values.numbers import Number, not_a_number, number_in
from mjpipe.plan.templates.values.value_faults import LISTS, NAMED, ValueFault

Names: TypeAlias = tuple[str | None, str | None]
"""The columns that the two sides are, None for a side that is anything else."""

NO_NAMES: Names = (None, None)

OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
}
"""By their names in Jinja's syntax tree."""

_EQUALITY = frozenset({"eq", "ne"})

TESTS: Mapping[str, str] = {
    **dict.fromkeys(("eq", "==", "equalto"), "eq"),
    **dict.fromkeys(("ne", "!="), "ne"),
    **dict.fromkeys(("lt", "<", "lessthan"), "lt"),
    **dict.fromkeys(("le", "<="), "lteq"),
    **dict.fromkeys(("gt", ">", "greaterthan"), "gt"),
    **dict.fromkeys(("ge", ">="), "gteq"),
}
"""Jinja's tests that compare, by their names in templates, and the operator of each."""


def compared(
    compare: str, left: Any, right: Any, names: Names, blank: Callable[[str | None], None], former: FormerReading
) -> Any:
    """Whether a comparison holds. A blank beside a number is unequal to it and not ordered: `blank` gets its column."""
    if former.active:
        return OPERATORS[compare](left, right)
    if isinstance(left, str):
        if isinstance(right, int | float):
            read = _number_beside(right, left, names[0], blank, former)
            return compare == "ne" if read is None else OPERATORS[compare](read, right)
        if isinstance(right, str):
            return _of_texts(compare, left, right, names)
        if isinstance(right, LISTS):
            _refuse_equality(compare, right, names[1])
    elif isinstance(right, str):
        if isinstance(left, int | float):
            read = _number_beside(left, right, names[1], blank, former)
            return compare == "ne" if read is None else OPERATORS[compare](left, read)
        if isinstance(left, LISTS):
            _refuse_equality(compare, left, names[0])
    return OPERATORS[compare](left, right)


def _of_texts(compare: str, left: str, right: str, names: Names) -> Any:
    """Raises ValueFault for two numbers that are in another order as texts: `9` is behind `10`."""
    holds = OPERATORS[compare](left, right)
    if compare not in _EQUALITY:
        first, second = number_in(left), number_in(right)
        if first is not None and second is not None and OPERATORS[compare](first, second) != holds:
            column = names[0] or names[1]
            raise ValueFault(
                "MJ069",
                "is compared as text, which puts numbers in another order",
                value=left if names[0] else right,
                help=f"for `{short(left)}` and `{short(right)}` write `{NAMED} | number` on both sides, "
                "or a number without quotes",
                column=column,
                of_template=True,
            )
    return holds


def _number_beside(
    beside: Number, text: str, column: str | None, blank: Callable[[str | None], None], former: FormerReading
) -> Number | None:
    """The number that a text is, which is compared with another; None for a blank."""
    if isinstance(beside, bool):
        advice = f"write `{NAMED} | truth`"
        raise ValueFault(
            "MJ105",
            "is text, which is neither true nor false",
            value=text,
            help=advice,
            column=column,
            of_template=True,
        )
    read = number_in(text)
    if read is None:
        if text.strip():
            raise not_a_number(text, column)
        blank(column)
    elif read == beside:
        former.equal(text, column)
    return read


def _refuse_equality(compare: str, value: Any, column: str | None) -> None:
    if compare in _EQUALITY:
        advice = f"write `'…' in {NAMED}`, or compare one of its values"
        problem = "is a list, which is never equal to a text"
        raise ValueFault("MJ107", problem, value=value, help=advice, column=column, of_template=True)
