"""The mistakes found while a plan is made: each told once, with a count of its further places."""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

from mjpipe.domain import Diagnostic, Place, Severity

DISTINCT = 30
"""How many different messages of one code about one column are told before further ones only count."""


class Spot(Protocol):
    """A place that is only looked up when it is shown, such as a cell of a CSV file."""

    def __hash__(self) -> int: ...

    @property
    def group(self) -> Hashable:
        """What it shares with the places at which a mistake would be the same one, such as a column."""

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


class Mistakes:
    """Gathers mistakes.

    Those of one code and one message are one diagnostic if they have one place, or stand in one column, so a message
    names the mistake and leaves what differs from row to row to the help.
    """

    def __init__(self) -> None:
        self._groups: dict[tuple[str, Hashable], dict[str, _Group]] = {}
        self.errors = 0
        """Errors so far, repeated ones included."""

    def error(
        self,
        where: Where,
        code: str,
        message: str,
        *,
        help: str | None = None,  # noqa: A002 - the word users see
        at: Hashable = None,
        group: Hashable = None,
    ) -> None:
        """Notes a mistake.

        `at` tells two finds at one place apart (the job, for a template's place); `group` says where further places
        of the same mistake are to be expected, if that is neither this place nor this column (the file).
        """
        self.errors += 1
        self._add(where, _Group(where, code, message, help, Severity.ERROR), at, group)

    def warning(self, where: Where, code: str, message: str, *, help: str | None = None, at: Hashable = None) -> None:  # noqa: A002 - as above
        """Notes something strange that stops nothing."""
        self._add(where, _Group(where, code, message, help, Severity.WARNING), at, None)

    def _add(self, where: Where, found: _Group, at: Hashable, group: Hashable) -> None:
        if group is None:
            group = where if isinstance(where, Place) else where.group
        told = self._groups.setdefault((found.code, group), {})
        if found.message not in told and len(told) < DISTINCT:
            told[found.message] = found
        told.get(found.message, next(iter(told.values()))).seen.add((where, at))

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All of them, sorted by place."""
        groups = [group for told in self._groups.values() for group in told.values()]
        return tuple(sorted(map(_diagnostic, groups), key=Diagnostic.order))


def _diagnostic(group: _Group) -> Diagnostic:
    place = group.first if isinstance(group.first, Place) else group.first.place()
    return replace(
        Diagnostic(place=place, code=group.code, message=group.message, help=group.help, severity=group.severity),
        also=len(group.seen) - 1,
    )
