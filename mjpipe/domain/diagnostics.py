"""Mistakes in a user's files, as values with a place."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Part of one line of a file.

    `line` and `column` count from 1, `column` in characters; `width` is at least 1. `text` is the whole line, shown
    above the caret; empty when there is no line to show.
    """

    file: str
    line: int
    column: int = 1
    width: int = 1
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One mistake. `also` counts further places of the same mistake, `alike` further mistakes of the same kind with
    other messages; neither are listed.
    """

    place: Place
    code: str
    message: str
    help: str | None = None
    severity: Severity = Severity.ERROR
    also: int = 0
    alike: int = 0

    @property
    def count(self) -> int:
        """How many mistakes it stands for."""
        return 1 + self.also + self.alike

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def order(self) -> tuple[str, int, int, str, str]:
        """Sorts diagnostics by place."""
        return (self.place.file, self.place.line, self.place.column, self.code, self.message)

    def repeated(self, times: int) -> "Diagnostic":
        return replace(self, also=self.also + times)
