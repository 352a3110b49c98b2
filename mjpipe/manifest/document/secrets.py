"""Secrets in a manifest are errors: it is kept in git, and copied into the state."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from mjpipe.domain import Diagnostic, Place
from mjpipe.manifest.document.tree import KeyPath, Map, Scalar, Seq, Value, every_entry

_NAME = r"(?:api[_ -]?key|(?:access|auth|bearer|private|secret)[_ -]?(?:key|token)|authorization|password)s?"
_SECRET = re.compile(rf"(?:.*[_ -])?{_NAME}", re.IGNORECASE)
_WRITTEN = re.compile(rf"(?P<name>{_NAME}[\"']?\s*[:=]\s*)(?P<value>[^\s,\]}}][^,\]}}]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Secrets:
    """`paths` are those of the secret values; `lines` are the lines that they are written on, masked, by file and
    number.
    """

    diagnostics: list[Diagnostic]
    paths: frozenset[KeyPath]
    lines: Mapping[tuple[str, int], str]

    def hidden(self, diagnostic: Diagnostic) -> Diagnostic:
        """The diagnostic, with the secrets masked in the line that it shows."""
        text = self.lines.get((diagnostic.place.file, diagnostic.place.line))
        return masked_line(diagnostic if text is None else _showing(diagnostic, text))


def masked_line(diagnostic: Diagnostic) -> Diagnostic:
    """The diagnostic, with what looks like a secret masked in its line. The line need not be YAML."""
    return _showing(diagnostic, _masked(diagnostic.place.text))


def _showing(diagnostic: Diagnostic, text: str) -> Diagnostic:
    return (
        diagnostic if text is diagnostic.place.text else replace(diagnostic, place=replace(diagnostic.place, text=text))
    )


@lru_cache(maxsize=1)
def _masked(line: str) -> str:
    """Cached for the next diagnostic: a long line may have many."""
    return _WRITTEN.sub(lambda found: found["name"] + "*" * len(found["value"]), line)


def _masked_lines(places: Iterable[Place]) -> dict[tuple[str, int], str]:
    lines: dict[tuple[str, int], list[str]] = {}
    for place in places:
        at = place.file, place.line
        if at not in lines:
            lines[at] = [*place.text]
        lines[at][place.column - 1 : place.column - 1 + place.width] = "*" * place.width
    return {at: "".join(line) for at, line in lines.items()}


def secrets_of(document: Map) -> Secrets:
    diagnostics: list[Diagnostic] = []
    paths: set[KeyPath] = set()
    places: list[Place] = []
    for path, entry in every_entry(document):
        if _SECRET.fullmatch(entry.key):
            message = f"`{entry.key}` is a secret, and does not belong in a manifest"
            help_text = "remove it, and put the key in the environment variable `APIXO_API_KEY`"
            diagnostics.append(Diagnostic(place=entry.place, code="MJ006", message=message, help=help_text))
            paths.add(path)
            places += _written(entry.value)
    return Secrets(diagnostics, frozenset(paths), _masked_lines(places))


def _written(value: Value) -> Iterator[Place]:
    match value:
        case Scalar(text=text):
            yield from text.lines
            yield from (place for _, place in text.folds)
        case Seq(items=items):
            for item in items:
                yield from _written(item)
        case Map(entries=entries):
            for entry in entries.values():
                yield from _written(entry.value)
