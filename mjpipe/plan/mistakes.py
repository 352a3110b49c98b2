"""The mistakes found while a plan is made: each reported once, with a count of its further places."""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

from mjpipe.domain import Diagnostic, Place, Severity

DISTINCT = 30
"""How many different messages of one code about one column are reported; further ones are only counted."""


class LazyPlace(Protocol):
    """A place that is only looked up when it is shown, such as a cell of a CSV file."""

    def __hash__(self) -> int: ...

    @property
    def group(self) -> Hashable:
        """What it shares with the other places of the same mistake, such as its column."""

    def place(self) -> Place: ...


Where: TypeAlias = Place | LazyPlace


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake at one place.

    The message names it and leaves what differs from row to row to the help. `at` distinguishes two mistakes at one
    place (the job, for a template's place). `group` says where the same mistake may come again, if that is neither this
    place nor this column (the file).
    """

    where: Where
    code: str
    message: str
    help: str | None = None
    at: Hashable = None
    group: Hashable = None
    severity: Severity = Severity.ERROR

    def moved(self, where: Where, addition: str | None = None, *, at: Hashable = None) -> "Mistake":
        """The same at another place, with an addition to its help."""
        return replace(self, where=where, help="; ".join(filter(None, [self.help, addition])) or None, at=at)


@dataclass(slots=True)
class _Group:
    first: Mistake
    seen: set[Hashable] = field(default_factory=set)


class Mistakes:
    """Collects mistakes.

    Those of one code and one message are one diagnostic if they have one place, or stand in one column.
    """

    def __init__(self) -> None:
        self._groups: dict[tuple[str, Hashable], dict[str, _Group]] = {}
        self._only_counted: dict[tuple[str, Hashable], set[Hashable]] = {}
        """The places of mistakes whose messages are not listed, by code and place or column."""
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
        self.add(Mistake(where, code, message, help, at, group))

    def warning(self, where: Where, code: str, message: str, *, help: str | None = None, at: Hashable = None) -> None:  # noqa: A002 - as above
        """Adds something strange that stops nothing."""
        self.add(Mistake(where, code, message, help, at, severity=Severity.WARNING))

    def add(self, mistake: Mistake) -> None:
        self.errors += mistake.severity is Severity.ERROR
        where, group = mistake.where, mistake.group
        if group is None:
            group = where if isinstance(where, Place) else where.group
        by_message = self._groups.setdefault((mistake.code, group), {})
        if mistake.message not in by_message and len(by_message) < DISTINCT:
            by_message[mistake.message] = _Group(mistake)
        same = by_message.get(mistake.message)
        places = same.seen if same else self._only_counted.setdefault((mistake.code, group), set())
        places.add((where, mistake.at))

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All of them, sorted by place. The last one of a kind has the number of those that are only counted."""
        listed: list[Diagnostic] = []
        for kind, by_message in self._groups.items():
            *others, last = sorted(map(_diagnostic, by_message.values()), key=Diagnostic.order)
            listed += [*others, replace(last, alike=len(self._only_counted.get(kind, ())))]
        return tuple(sorted(listed, key=Diagnostic.order))


def _diagnostic(group: _Group) -> Diagnostic:
    first = group.first
    return Diagnostic(
        place=first.where if isinstance(first.where, Place) else first.where.place(),
        code=first.code,
        message=first.message,
        help=first.help,
        severity=first.severity,
        also=len(group.seen) - 1,
    )
