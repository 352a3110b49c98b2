"""Which lines the receipts have already, and whether the ledger knows all that they say."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mjpipe.files import open_regular, state_faults
from mjpipe.ledger.receipts.receipt import Event

_ABOUT_AN_ATTEMPT = ("attempt", "outcome", "money", "task", "images", "code")
_IDENTITY: Mapping[str, tuple[str, ...]] = {
    Event.RENAMED: ("node", "first"),
    Event.PICKED: ("key", "node", "words", "task"),
    Event.INTENT: ("attempt", "fingerprint"),
}
_LONGEST = 1 << 20


class WrittenLines:
    """The lines of these files. What cannot be read says nothing: whoever recovers from receipts reports it.

    Raises StateFault.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._lines: set[int] = set()
        self._attempts: set[int] = set()
        """Those with a line about their intent, under whatever fingerprint."""
        self._tasks: dict[str, str | None] = {}
        """The last word about the task of each attempt."""
        for path in paths:
            for line in _lines(path):
                self._lines.add(_identity(line))
                attempt = line.get("attempt")
                if isinstance(attempt, str):
                    if line.get("event") == Event.INTENT:
                        self._attempts.add(hash(attempt))
                    answered = line.get("event") == Event.ANSWERED
                    self._tasks[attempt] = line.get("task") if answered else self._tasks.get(attempt)

    def has(self, line: Mapping[str, Any]) -> bool:
        return _identity(line) in self._lines

    def has_former(self, line: Mapping[str, Any]) -> bool:
        """Whether they have the intent that this line is about, under the fingerprint that it had before an upgrade."""
        return line["event"] == Event.INTENT and hash(line["attempt"]) in self._attempts and not self.has(line)

    def is_known_to(self, attempts: Iterable[tuple[str, str | None]]) -> bool:
        """Whether a ledger with these attempts and their tasks knows all attempts and tasks of these lines."""
        unknown = dict(self._tasks)
        for attempt, task in attempts:
            if unknown.get(attempt) in (None, task):
                unknown.pop(attempt, None)
        return not unknown


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    with state_faults(path), open_regular(path) as file:
        while text := file.readline(_LONGEST):
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict):
                yield line


def _identity(line: Mapping[str, Any]) -> int:
    """The same for lines that say the same about the same, whenever they were written and whatever its key was then. Of
    the lines about an attempt the intent alone says under which fingerprint it is on record.
    """
    event = line.get("event")
    names = _IDENTITY.get(event, _ABOUT_AN_ATTEMPT) if isinstance(event, str) else _ABOUT_AN_ATTEMPT
    return hash(json.dumps([event, *(line.get(name) for name in names)], sort_keys=True))
