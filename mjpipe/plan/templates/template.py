"""A compiled template, and the fault of one that cannot be rendered for a row."""

from collections.abc import Callable
from dataclasses import dataclass

from mjpipe.manifest import Text
from mjpipe.plan.templates.names.scope import Values


class RenderFault(Exception):
    """A template that cannot be rendered for a row; the message says why.

    If one of the row's values is to blame, `column` is its column as far as that is known.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: str = "MJ067",
        help: str | None = None,  # noqa: A002 - the word users see
        column: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.help = help
        self.column = column

    def message(self, of: str) -> str:
        """Of what fails: `the template`, `the path`, or the name of a key."""
        return f"{of} fails: {self}" if self.code == "MJ067" else str(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A compiled template.

    `columns` are those that it names, `reads` all from which it can get a value; `whole` is the column if the template
    is just that column. `constant` is its text if it is the same in all rows. `plain` means that it has no Jinja at
    all, `asks_source` that it needs `SOURCE_KEY`.
    """

    text: Text
    render: Callable[[Values], str]
    columns: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    whole: str | None = None
    constant: str | None = None
    plain: bool = False
    asks_source: bool = False
    is_source_url: bool = False
    has_source_url: bool = False
