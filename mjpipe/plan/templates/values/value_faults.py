"""Values that a template cannot use as it does: the cell that such a value comes from is to blame."""

from collections.abc import Iterable, Mapping
from typing import Any

from jinja2.exceptions import SecurityError

from mjpipe.manifest import short

NAMED = "\0"
"""Stands in a fault's help for what to write for the value: the name of its column, or an ellipsis."""

LISTS = (list, tuple, set, dict)
"""Values that have no text of their own."""


class ValueFault(SecurityError):
    """A value that is not what an operation takes.

    `problem` follows the name of its column in the message. The column is `column` if the expression names it; else it
    is looked for by the `value`. With `of_template`, the template is to blame: no other value would do.
    """

    def __init__(
        self,
        code: str,
        problem: str,
        *,
        value: Any,
        help: str,  # noqa: A002 - the word users see
        column: str | None = None,
        of_template: bool = False,
    ) -> None:
        super().__init__(problem)
        self.code = code
        self.problem = problem
        self.value = value
        self.help = help
        self.column = column
        self.of_template = of_template

    def reason(self, column: str | None) -> str:
        if column is None and isinstance(self.value, LISTS):
            return f"a value {self.problem}"  # its text can be as long as a template makes it
        return f"`{column or short(shown(self.value))}` {self.problem}"

    def advice(self, column: str | None) -> str:
        return self.help.replace(NAMED, written(column))


def shown(value: Any) -> str:
    """A value within a message, on one line."""
    return " ".join(str(value).split())


def text_of(value: Any) -> str:
    """A value as a text: nothing for None, as templates put it out."""
    return "" if value is None else str(value)


def written(column: str | None) -> str:
    """A column as a template uses it."""
    if column is None:
        return "…"
    return column if column.isidentifier() else f"row['{column}']"


def column_of(value: Any, columns: Iterable[str], values: Mapping[str, Any]) -> str | None:
    """The one of `columns` that has a value; None if several have it, or none."""
    kind = type(value)
    having = [name for name in columns if name in values and type(values[name]) is kind and values[name] == value]
    if len(having) > 1:
        having = [name for name in having if values[name] is value]
    return having[0] if len(having) == 1 else None


class FormerText(str):
    """The text of a list as older releases read it, so that what they made of it can be recognised."""

    __slots__ = ()


def refuse_list(value: Any, column: str | None = None) -> None:
    """Raises ValueFault for a list or an object where a text belongs."""
    if not isinstance(value, LISTS):
        return
    if isinstance(value, Mapping):
        inner = next((name for name in value if isinstance(name, str)), "name")
        kind, part = "an object", f".{inner}" if inner.isidentifier() else f"['{inner}']"
    else:
        kind, part = "a list", " | join(', ')"
    raise ValueFault(
        "MJ107",
        f"is {kind}, which has no text of its own",
        value=value,
        help=f"write `{NAMED}{part}`, or `{NAMED} | tojson` for JSON",
        column=column,
        of_template=True,
    )


def refuse_letters(value: Any, column: str | None = None, *, by: str = "a loop") -> Any:
    """The value, whose items are used; raises ValueFault for a text, because its items are its letters."""
    if type(value) is not str or not value:
        return value
    raise ValueFault(
        "MJ107",
        f"is text, which {by} would take letter by letter",
        value=value,
        help=f"write `{NAMED}.split(',')`, for JSON `{NAMED} | fromjson`, for letters `{NAMED} | list`",
        column=column,
        of_template=True,
    )
