"""The variables that an input's columns are in templates."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from mjpipe.domain import Place
from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.safe_names import TAKEN, identifier


class ColumnNames(NamedTuple):
    """Columns by variable name, and the names that more than one column claims."""

    variables: dict[str, str]
    ambiguous: set[str]


def column_names(columns: Iterable[str], header: Callable[[str], Place], mistakes: Mistakes, *, of: str) -> ColumnNames:
    """Two columns `of` an input with the same name are an error; a built-in's name is a warning."""
    variables: dict[str, str] = {}
    ambiguous = set()
    for column in columns:
        name = identifier(column)
        if name in TAKEN:
            mistakes.warning(
                header(column),
                "MJ060",
                f"column `{column}` of `{of}` has a name that templates use for something else",
                help=f"write `row['{column}']` in templates",
            )
        elif name in variables:
            ambiguous.add(name)
            mistakes.error(
                header(column),
                "MJ054",
                f"columns `{variables[name]}` and `{column}` of `{of}` are both the variable `{name}`",
                help="rename one of them",
            )
        else:
            variables[name] = column
    return ColumnNames(variables, ambiguous)


def reached_through_row(columns: Sequence[str]) -> dict[str, str]:
    """Help for columns that are not variables because their name is taken."""
    return {identifier(name): f"write `row['{name}']`" for name in columns if identifier(name) in TAKEN}
