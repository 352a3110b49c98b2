"""The mistakes found while a plan is made: each told once, with a count of its further places."""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

from mjpipe.domain import Diagnostic, Place, Severity

DISTINCT = 30
"""How many different messages of one code about one file are told before further ones only count."""


class Spot(Protocol):
    """A place that is only looked up when it is shown, such as a cell of a CSV file."""

    def __hash__(self) -> int: ...

    def place(self) -> Place: ...


Where: TypeAlias = Place | Spot


@dataclass(slots=True)
class _Group:
    first: Where
    code: str
    message: str
    help: str | None
    severity: Severity
    seen: set[Hashable] = field(default_factory=set)


class Findings:
    """Gathers mistakes. Those with one code and one message are one diagnostic, so a message names the mistake and
    leaves what differs from row to row to the help.
    """

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], _Group] = {}
        self._of_code: dict[str, int] = {}
        self.errors = 0
        """Errors so far, repeated ones included."""

    def error(self, where: Where, code: str, message: str, *, help: str | None = None, at: Hashable = None) -> None:  # noqa: A002 - the word users see
        """Notes a mistake. `at` tells two finds of it at one place apart (the job, for a template's place)."""
        self.errors += 1
        self._add(where, code, message, help, Severity.ERROR, at)

    def warning(self, where: Where, code: str, message: str, *, help: str | None = None, at: Hashable = None) -> None:  # noqa: A002 - as above
        """Notes something strange that stops nothing."""
        self._add(where, code, message, help, Severity.WARNING, at)

    def _add(self, where: Where, code: str, message: str, advice: str | None, severity: Severity, at: Hashable) -> None:
        group = self._groups.get((code, message))
        if group is None:
            told = self._of_code.get(code, 0)
            if told >= DISTINCT:
                group = next(group for (of, _), group in self._groups.items() if of == code)
            else:
                self._of_code[code] = told + 1
                group = _Group(where, code, message, advice, severity)
                self._groups[code, message] = group
        group.seen.add((where, at))

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All of them, sorted by place."""
        return tuple(sorted(map(_diagnostic, self._groups.values()), key=Diagnostic.order))


def _diagnostic(group: _Group) -> Diagnostic:
    place = group.first if isinstance(group.first, Place) else group.first.place()
    return replace(
        Diagnostic(place=place, code=group.code, message=group.message, help=group.help, severity=group.severity),
        also=len(group.seen) - 1,
    )
